mock_provider "aws" {
  source = "./tests/mocks"
}

# That there is none has to be known before the plan is carried out.
override_resource {
  target          = module.telemetry.aws_cloudtrail.this
  override_during = plan
  values          = { arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/tidewatch-test" }
}

override_resource {
  target          = module.budgets.aws_ce_anomaly_monitor.this
  override_during = plan
  values          = { arn = "arn:aws:ce::123456789012:anomalymonitor/11111111-1111-1111-1111-111111111111" }
}

# Which bucket is which has to be known, too.
override_resource {
  target          = module.s3.aws_s3_bucket.this["audit"]
  override_during = plan
  values          = { id = "tidewatch-test-audit", arn = "arn:aws:s3:::tidewatch-test-audit" }
}

override_resource {
  target          = module.s3.aws_s3_bucket.this["logs"]
  override_during = plan
  values          = { id = "tidewatch-test-logs", arn = "arn:aws:s3:::tidewatch-test-logs" }
}

variables {
  environment = "test"
  network     = { zones = ["us-east-1a", "us-east-1b"] }
  budget      = { monthly_usd = 1000 }
  eks = {
    node_groups = { system = { instance_types = ["m7i.large"], min_size = 2, desired_size = 2, max_size = 2 } }
  }
}

run "least" {
  command = plan

  assert {
    condition     = output.name == "tidewatch-test" && output.cluster_name == "tidewatch-test"
    error_message = "names do not begin with the environment's"
  }
  assert {
    condition     = output.sizes.protected && output.sizes.retention.audit == 2555 && output.sizes.retention.object_lock_mode == "COMPLIANCE" && output.sizes.nat_gateways == 2
    error_message = "what nobody said is not the safe choice"
  }
  assert {
    condition     = module.telemetry.trail_arn != null && length(module.security) == 1 && toset(keys(module.backup.plan_arns)) == toset(["daily", "weekly"])
    error_message = "the account has no trail, no detectors or no backups"
  }
  assert {
    condition     = module.telemetry.trail_bucket_name == output.bucket_names["audit"] && output.bucket_names["audit"] != output.bucket_names["logs"]
    error_message = "the trail is not in the archive, which nobody can change"
  }
  assert {
    condition     = length(module.edge) + length(module.aurora) + length(module.timescale) + length(module.redis) + length(module.ecs_service) == 0
    error_message = "something is there that nobody asked for"
  }
  assert {
    condition     = toset(keys(output.role_arns)) == toset(["consumer", "gateway", "s3-reader", "reporter", "external-secrets"])
    error_message = "a part of Tidewatch has no role of its own"
  }
  assert {
    condition     = output.for_primary == null && output.for_secondary == null && output.sizes.global == null
    error_message = "an estate of one region takes part in another"
  }
  assert {
    condition     = module.budgets.anomaly_monitor_arn == null
    error_message = "an estate in an account that pays not for itself can't be made: AWS refuses it a monitor of costs with a tag"
  }
}

run "in_an_account_that_pays_for_itself" {
  command = plan

  variables {
    budget = { monthly_usd = 1000, anomalies = true }
  }

  assert {
    condition     = module.budgets.anomaly_monitor_arn != null
    error_message = "what is unusual in the costs is not told where it could be"
  }
}

run "all" {
  command = plan

  variables {
    aurora    = {}
    timescale = {}
    redis     = {}
    edge      = { domain = "telemetry.example.org", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = !output.sizes.public.load_balancer && !output.sizes.public.kubernetes_api
    error_message = "something has a public address that nobody asked for"
  }
  assert {
    condition     = contains(keys(output.role_arns), "load-balancer")
    error_message = "nobody puts pods into the load balancer's target groups"
  }
  assert {
    condition     = output.sizes.databases == { aurora = { class = "db.r7g.large", readers = 1 }, timescale = "r7g.large", redis = { type = "cache.r7g.large", replicas = 1 } }
    error_message = "a database is missing"
  }
}

run "in_an_account_that_another_looks_after" {
  command = plan

  variables {
    looks_after_account = false
  }

  assert {
    condition     = module.telemetry.trail_arn == null && length(module.security) == 0
    error_message = "an account has detectors or trails twice"
  }
}

run "on_fargate" {
  command = plan

  variables {
    eks = null
    ecs = {
      image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/tidewatch-test/tidewatch@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      files = { "settings.yaml" = "apiVersion: tidewatch/v1\n" }
    }
  }

  assert {
    condition     = length(module.ecs_service) == 1 && length(module.eks) == 0 && length(module.iam) == 0 && output.deployment.group == "tidewatch"
    error_message = "an estate on Fargate has a cluster, or nothing that runs"
  }
}

run "first_of_two_regions" {
  command = plan

  variables {
    environment = "prod"
    two_regions = true
    network     = { zones = ["us-east-1a", "us-east-1b", "us-east-1c"] }
    aurora      = { engine_version = "15.10" }
  }

  assert {
    condition     = output.sizes.global == "tidewatch-prod" && length(module.aurora) == 1 && module.aurora[0].global_cluster_id == "tidewatch-prod"
    error_message = "the database can never have a second region"
  }
}

run "second_of_two_regions" {
  command = plan

  variables {
    environment  = "prod-dr"
    role         = "secondary"
    network      = { zones = ["us-east-1a", "us-east-1b", "us-east-1c"] }
    first_region = { environment = "prod" }
    aurora       = { engine_version = "15.10" }
  }

  assert {
    condition     = length(module.aurora) == 0
    error_message = "the second region begins with a database of its own, which can't become the first one's copy"
  }
  assert {
    condition     = module.telemetry.trail_arn == null
    error_message = "the second region has a second trail, which says all twice"
  }
  assert {
    condition     = length(module.backup.plan_arns) == 0
    error_message = "the second region backs up what it has copies of"
  }
  assert {
    condition     = output.for_primary.region == "us-east-1" && length(output.for_primary.key_arns) == 4
    error_message = "the first region is not told where its copies go"
  }
}

run "two_consumers" {
  command = plan

  variables {
    ecs = {
      image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/tidewatch-test/tidewatch@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      files = { "settings.yaml" = "" }
    }
  }

  expect_failures = [var.ecs]
}

run "fargate_without_scram" {
  command = plan

  variables {
    kafka = { serverless = true }
    eks   = null
    ecs = {
      image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/tidewatch-test/tidewatch@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      files = { "settings.yaml" = "" }
    }
  }

  expect_failures = [var.ecs]
}

run "second_of_nobody" {
  command = plan

  variables {
    role    = "secondary"
    network = { zones = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }

  expect_failures = [var.first_region]
}

run "one_zone" {
  command = plan

  variables {
    network = { zones = ["us-east-1a"] }
  }

  expect_failures = [var.network]
}
