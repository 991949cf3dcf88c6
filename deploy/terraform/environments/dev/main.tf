# One zone and small instances, to try things out: nothing here is kept for long, and anything may be deleted. MSK, EKS and RDS ask for
# subnets in a second zone, where no node runs.
module "estate" {
  source = "../../estate"

  environment         = "dev"
  protected           = false
  looks_after_account = var.looks_after_account

  network = {
    cidr          = "10.3.0.0/16"
    zones         = ["us-east-1a"]
    standby_zones = ["us-east-1b"]
    nat           = "one"
  }

  retention = { audit = 30, backup = 7, object_lock_mode = "GOVERNANCE", vault_lock_mode = "none" }
  kafka     = { instance_type = "kafka.t3.small", volume_size_gb = 50, volume_size_max_gb = 200 }

  eks = {
    endpoint_public_access = length(var.public_access_cidrs) > 0
    public_access_cidrs    = var.public_access_cidrs
    access_entries         = var.access_entries
    node_groups = {
      system    = { instance_types = ["t3.large"], min_size = 1, desired_size = 1, max_size = 2 }
      on-demand = { instance_types = ["t3.xlarge"], min_size = 0, desired_size = 2, max_size = 4 }
      spot      = { instance_types = ["t3.large", "t3a.large", "t3.xlarge"], capacity = "SPOT", min_size = 0, desired_size = 0, max_size = 4 }
    }
  }

  metric_stream = false

  admin_security_group_ids  = var.admin_security_group_ids
  image_pull_principal_arns = var.image_pull_principal_arns

  edge      = var.edge
  pagerduty = var.pagerduty
  budget    = { monthly_usd = 900, emails = var.budget_emails, anomalies = var.cost_anomalies }
}

module "global" {
  source    = "../../modules/edge/global"
  count     = var.edge == null ? 0 : 1
  providers = { aws = aws.us_east_1 }

  name               = module.estate.name
  domain             = var.edge.domain
  zone_id            = var.edge.zone_id
  origin             = module.estate.origin
  log_kms_key_arn    = module.estate.logs_key_arn
  log_retention_days = module.estate.sizes.retention.log
}

output "estate" {
  description = "All that the estate says of itself: endpoints, names, ARNs. No secret is in it."
  value       = module.estate
}
