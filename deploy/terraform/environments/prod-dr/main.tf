# prod's second region: all that prod needs, running, with fewer nodes. prod takes its outputs as second_region; then it is applied once
# more, with the copy of the database's secret and the name of prod's Kafka (first_region).
module "estate" {
  source = "../../estate"

  environment         = "prod-dr"
  role                = "secondary"
  looks_after_account = var.looks_after_account

  network = {
    cidr  = "10.10.0.0/16"
    zones = ["us-west-2a", "us-west-2b", "us-west-2c"]
  }

  kafka     = { instance_type = "kafka.m7g.xlarge", volume_size_gb = 1000 }
  aurora    = { instance_class = "db.r7g.xlarge", readers = 1, engine_version = "15.10" }
  timescale = { ami_id = var.timescale_ami_id, instance_type = "r7g.xlarge", volume_size_gb = 1000 }
  redis     = { node_type = "cache.r7g.large", replicas = 1 }

  eks = {
    access_entries = var.access_entries
    node_groups = {
      system    = { instance_types = ["m7g.large"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 2, desired_size = 2, max_size = 6 }
      on-demand = { instance_types = ["m7g.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", min_size = 2, desired_size = 2, max_size = 18 }
      spot      = { instance_types = ["m7g.xlarge", "m6g.xlarge", "m6gd.xlarge", "m7gd.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", capacity = "SPOT", min_size = 0, desired_size = 0, max_size = 24 }
    }
  }

  first_region = merge({ environment = "prod" }, var.first_region)

  admin_security_group_ids  = var.admin_security_group_ids
  image_pull_principal_arns = var.image_pull_principal_arns

  edge          = var.edge
  origin_header = var.origin_header
  pagerduty     = var.pagerduty
  budget        = { monthly_usd = 5000, emails = var.budget_emails, anomalies = var.cost_anomalies }
}

output "estate" {
  description = "All that the estate says of itself: endpoints, names, ARNs. No secret is in it."
  value       = module.estate
}
