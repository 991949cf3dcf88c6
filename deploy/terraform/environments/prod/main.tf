# The first region. Its way in fails over to prod-dr, and its data is copied there once second_region says where.
module "estate" {
  source = "../../estate"

  environment         = "prod"
  organization        = var.organization
  looks_after_account = var.looks_after_account

  network = { zones = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  kafka   = { instance_type = "kafka.m7g.xlarge", volume_size_gb = 1000 }

  aurora    = { instance_class = "db.r7g.xlarge", readers = 2, engine_version = "15.10" }
  timescale = { ami_id = var.timescale_ami_id, instance_type = "r7g.xlarge", volume_size_gb = 1000 }
  redis     = { node_type = "cache.r7g.large", replicas = 2 }

  eks = {
    access_entries = var.access_entries
    node_groups = {
      system    = { instance_types = ["m7g.large"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 3, desired_size = 3, max_size = 6 }
      on-demand = { instance_types = ["m7g.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 3, desired_size = 6, max_size = 18 }
      spot      = { instance_types = ["m7g.xlarge", "m6g.xlarge", "m6gd.xlarge", "m7gd.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", capacity = "SPOT", min_size = 0, desired_size = 0, max_size = 24 }
    }
  }

  two_regions            = true
  second_region          = var.second_region
  auditor_principal_arns = var.auditor_principal_arns

  admin_security_group_ids  = var.admin_security_group_ids
  image_pull_principal_arns = var.image_pull_principal_arns

  edge          = var.edge
  origin_header = var.origin_header
  pagerduty     = var.pagerduty
  budget        = { monthly_usd = 9000, emails = var.budget_emails, anomalies = var.cost_anomalies }
}

module "global" {
  source    = "../../modules/edge/global"
  count     = var.edge == null ? 0 : 1
  providers = { aws = aws.us_east_1 }

  name               = module.estate.name
  domain             = var.edge.domain
  zone_id            = var.edge.zone_id
  origin             = module.estate.origin
  origin_header      = var.origin_header
  log_kms_key_arn    = module.estate.logs_key_arn
  log_retention_days = module.estate.sizes.retention.log
}

output "estate" {
  description = "All that the estate says of itself: endpoints, names, ARNs. No secret is in it."
  value       = module.estate
}
