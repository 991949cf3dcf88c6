# finds: what this environment costs, and whose it is, can't be told from its tags
locals {
  tags = {
    Project     = "tidewatch"
    Environment = "staging"
    Owner       = var.owner
    CostCenter  = var.cost_center
    ManagedBy   = "terraform"
  }
}
