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
    condition     = module.estate.sizes.zones == tolist(["us-east-1a", "us-east-1b"]) && module.estate.sizes.working_zones == 2
    error_message = "staging does not try what happens between zones"
  }

  assert {
    condition     = alltrue(flatten([for group in values(module.estate.sizes.nodes) : [for type in group.types : can(regex("^m[67]gd?\\.", type))]]))
    error_message = "staging has nodes of another family than prod"
  }

  assert {
    condition     = module.estate.sizes.databases.aurora != null && module.estate.sizes.databases.redis != null
    error_message = "a release meets Aurora or Redis in prod first"
  }

  assert {
    condition     = module.estate.sizes.protected && module.estate.sizes.retention.backup >= 7
    error_message = "staging can be deleted by mistake"
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
    condition     = local.tags == { Project = "tidewatch", Environment = "staging", Owner = var.owner, CostCenter = var.cost_center, ManagedBy = "terraform" }
    error_message = "what this environment costs, and whose it is, can't be told from its tags"
  }
}

run "with_a_way_in" {
  command = plan

  variables {
    edge = { domain = "telemetry.staging.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = length(module.global) == 1 && !module.estate.sizes.public.load_balancer
    error_message = "the load balancer is public where one region needs none"
  }
}
