# finds: AWS refuses it a monitor of costs with a tag
module "budgets" {
  anomalies = { tag = { key = "Environment", value = var.environment } }
}
