mock_provider "aws" {
  source = "../../estate/tests/mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../estate/tests/mocks"
}

run "by_default" {
  command = plan

  assert {
    condition     = module.estate.sizes.zones == tolist(["us-east-1a", "us-east-1b", "us-east-1c"]) && module.estate.sizes.working_zones == 3
    error_message = "prod does not run in three zones of us-east-1"
  }

  assert {
    condition     = module.estate.sizes.nat_gateways == 3
    error_message = "an outage of one zone cuts the others off"
  }

  assert {
    condition     = module.estate.sizes.protected
    error_message = "prod can be deleted by mistake"
  }

  assert {
    condition     = module.estate.sizes.retention == { log = 365, audit = 2555, backup = 35, object_lock_mode = "COMPLIANCE", vault_lock_mode = "governance" }
    error_message = "audit records or logs are kept for less than was promised, or can be deleted before"
  }

  assert {
    condition     = module.estate.sizes.databases.aurora.readers >= 2 && module.estate.sizes.databases.redis.replicas >= 2
    error_message = "a database of prod has no node in some zone to fail over to"
  }

  assert {
    condition     = module.estate.sizes.global == "tidewatch-prod"
    error_message = "the database can never have a second region"
  }

  assert {
    condition     = alltrue([for name in ["system", "on-demand"] : module.estate.sizes.nodes[name].least >= 3])
    error_message = "a zone of prod has no node"
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
    condition     = local.tags == { Project = "tidewatch", Environment = "prod", Owner = var.owner, CostCenter = var.cost_center, ManagedBy = "terraform" }
    error_message = "what this environment costs, and whose it is, can't be told from its tags"
  }
}

run "with_its_second_region" {
  command = plan

  variables {
    edge          = { domain = "telemetry.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
    origin_header = { value = "0123456789abcdef0123456789abcdef" }
    second_region = {
      region           = "us-west-2"
      bucket_arns      = { for purpose in ["documents", "exports", "logs", "audit", "access"] : purpose => "arn:aws:s3:::tidewatch-prod-dr-${purpose}-123456789012" }
      key_arns         = { for purpose in ["data", "logs", "audit", "secrets"] : purpose => "arn:aws:kms:us-west-2:123456789012:alias/tidewatch-prod-dr-${purpose}" }
      backup_vault_arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:tidewatch-prod-dr"
    }
  }

  assert {
    condition     = length(module.global) == 1 && module.estate.origin.internal_load_balancer_arn == null && module.estate.sizes.public.load_balancer
    error_message = "the way in has no name that could fail over"
  }

  assert {
    condition     = module.estate.for_secondary.environment == "prod"
    error_message = "prod-dr is not told whose database it joins"
  }
}
