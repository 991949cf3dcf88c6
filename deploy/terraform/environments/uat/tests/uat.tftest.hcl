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
    condition     = length(module.estate.sizes.zones) == 3 && module.estate.sizes.working_zones == 3
    error_message = "uat has fewer zones than prod"
  }

  assert {
    condition     = alltrue(flatten([for group in values(module.estate.sizes.nodes) : [for type in group.types : can(regex("^m[67]gd?\\.", type))]]))
    error_message = "uat has nodes of another family than m"
  }

  assert {
    condition     = module.estate.sizes.databases.aurora.readers >= 1 && module.estate.sizes.databases.timescale != null && module.estate.sizes.databases.redis.replicas >= 1
    error_message = "users try something that prod is not"
  }

  assert {
    condition     = module.estate.sizes.protected && module.estate.sizes.retention.backup >= 14
    error_message = "what users tried can be deleted by mistake"
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
    condition     = local.tags == { Project = "tidewatch", Environment = "uat", Owner = var.owner, CostCenter = var.cost_center, ManagedBy = "terraform" }
    error_message = "what this environment costs, and whose it is, can't be told from its tags"
  }
}

run "with_a_way_in" {
  command = plan

  variables {
    edge = { domain = "telemetry.uat.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = length(module.global) == 1 && !module.estate.sizes.public.load_balancer
    error_message = "the load balancer is public where one region needs none"
  }
}
