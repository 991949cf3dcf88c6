mock_provider "aws" {
  source = "../../estate/tests/mocks"
}

run "by_default" {
  command = plan

  assert {
    condition     = module.estate.sizes.zones == tolist(["us-west-2a", "us-west-2b", "us-west-2c"]) && module.estate.sizes.nat_gateways == 3
    error_message = "prod-dr does not run in three zones of us-west-2"
  }

  assert {
    condition     = module.estate.sizes.protected && module.estate.sizes.retention.audit == 2555 && module.estate.sizes.retention.object_lock_mode == "COMPLIANCE" && module.estate.sizes.retention.log == 365
    error_message = "copies of audit records are kept for less than they are, or can be deleted before"
  }

  assert {
    condition     = module.estate.sizes.global == "tidewatch-prod" && module.estate.sizes.databases.aurora == null
    error_message = "prod-dr has a database of its own, which prod's could never be copied to"
  }

  assert {
    condition     = toset(keys(module.estate.for_primary.bucket_arns)) == toset(["documents", "exports", "logs", "audit", "access"]) && toset(keys(module.estate.for_primary.key_arns)) == toset(["data", "logs", "audit", "secrets"])
    error_message = "prod is not told where its copies go"
  }

  assert {
    condition     = !module.estate.sizes.public.kubernetes_api && !module.estate.sizes.public.load_balancer
    error_message = "something has a public address that nobody asked for"
  }

  # Two replicas of 1 CPU, twice while a release stands beside the one before it.
  assert {
    condition     = module.estate.sizes.room >= 4
    error_message = "a release waits for a node that nobody starts: both colours do not fit"
  }

  assert {
    condition     = local.tags == { Project = "tidewatch", Environment = "prod-dr", Owner = var.owner, CostCenter = var.cost_center, ManagedBy = "terraform" }
    error_message = "what this environment costs, and whose it is, can't be told from its tags"
  }
}

run "once_prod_has_copied_its_secret" {
  command = plan

  variables {
    edge          = { domain = "telemetry.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
    origin_header = { value = "0123456789abcdef0123456789abcdef" }
    first_region = {
      master_secret_arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:tidewatch-prod-aurora-master-AbCdEf"
      kafka = {
        cluster_arn        = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-prod/11111111-1111-1111-1111-111111111111-1"
        subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
        security_group_ids = ["sg-0123456789abcdef0"]
      }
    }
  }

  assert {
    condition     = module.estate.sizes.databases.aurora.readers >= 1
    error_message = "the second region has no database"
  }

  assert {
    condition     = module.estate.origin.internal_load_balancer_arn == null
    error_message = "the way in can not fail over to prod-dr"
  }
}
