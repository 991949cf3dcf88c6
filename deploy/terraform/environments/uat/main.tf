# Where users try a release with prod's kinds of instances and a reader to fail over to, in three zones, at a part of the size.
module "estate" {
  source = "../../estate"

  environment         = "uat"
  looks_after_account = var.looks_after_account

  network = {
    cidr  = "10.1.0.0/16"
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    nat   = "one"
  }

  retention = { audit = 365, backup = 14, object_lock_mode = "GOVERNANCE" }
  kafka     = { instance_type = "kafka.m7g.large", volume_size_gb = 250, volume_size_max_gb = 1000 }
  aurora    = { instance_class = "db.r7g.large", readers = 1 }
  timescale = { ami_id = var.timescale_ami_id, instance_type = "m7g.large", volume_size_gb = 200 }
  redis     = { node_type = "cache.m7g.large", replicas = 1 }

  eks = {
    endpoint_public_access = length(var.public_access_cidrs) > 0
    public_access_cidrs    = var.public_access_cidrs
    access_entries         = var.access_entries
    node_groups = {
      system    = { instance_types = ["m7g.large"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 2, desired_size = 2, max_size = 4 }
      on-demand = { instance_types = ["m7g.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 2, desired_size = 3, max_size = 6 }
      spot      = { instance_types = ["m7g.xlarge", "m6g.xlarge", "m6gd.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", capacity = "SPOT", min_size = 0, desired_size = 0, max_size = 12 }
    }
  }

  admin_security_group_ids  = var.admin_security_group_ids
  image_pull_principal_arns = var.image_pull_principal_arns

  edge      = var.edge
  pagerduty = var.pagerduty
  budget    = { monthly_usd = 3500, emails = var.budget_emails, anomalies = var.cost_anomalies }
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
