# finds: the second region has a second trail, which says all twice
module "telemetry" {
  trail = { enabled = var.looks_after_account }
}
