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
    condition     = module.estate.sizes.working_zones == 1 && module.estate.sizes.nat_gateways == 1
    error_message = "dev pays for more than one zone"
  }

  assert {
    condition     = alltrue(flatten([for group in values(module.estate.sizes.nodes) : [for type in group.types : can(regex("^t3a?\\.", type))]]))
    error_message = "dev has nodes of another family than t3"
  }

  assert {
    condition     = module.estate.sizes.brokers == "kafka.t3.small" && alltrue([for database in values(module.estate.sizes.databases) : database == null])
    error_message = "dev pays for databases, or for large brokers"
  }

  assert {
    condition     = !module.estate.sizes.protected && module.estate.sizes.retention.object_lock_mode == "GOVERNANCE"
    error_message = "dev could not be taken down again"
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
    condition     = local.tags == { Project = "tidewatch", Environment = "dev", Owner = var.owner, CostCenter = var.cost_center, ManagedBy = "terraform" }
    error_message = "what this environment costs, and whose it is, can't be told from its tags"
  }
}

run "with_an_office" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = module.estate.sizes.public.kubernetes_api
    error_message = "the office can't reach the Kubernetes API"
  }
}

run "with_a_way_in" {
  command = plan

  variables {
    edge = { domain = "telemetry.dev.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = length(module.global) == 1 && !module.estate.sizes.public.load_balancer
    error_message = "the load balancer is public where one region needs none"
  }
}
