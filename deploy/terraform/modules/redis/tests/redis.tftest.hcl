mock_provider "aws" {
  override_during = plan

  mock_resource "aws_elasticache_user_group" {
    defaults = { id = "tidewatch-test" }
  }
}

# Of each estate another.
override_resource {
  target          = terraform_data.final_snapshot
  override_during = plan
  values          = { id = "0a1b2c3d-0000-0000-0000-000000000000" }
}

variables {
  name               = "tidewatch-test"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-redis"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
}

run "group" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "clients may speak to Redis without TLS"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn
    error_message = "the data is not encrypted with the key of this estate"
  }
  assert {
    condition     = startswith(aws_elasticache_replication_group.this.engine_version, "7.") && aws_elasticache_replication_group.this.engine == "redis" && aws_elasticache_parameter_group.this.family == "redis7"
    error_message = "the group is not one of Redis 7"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 2 && aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "no replica in another zone takes over"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 7 && aws_elasticache_replication_group.this.final_snapshot_identifier == "tidewatch-test-final-0a1b2c3d"
    error_message = "there is no snapshot to restore"
  }
  assert {
    condition     = { for log in aws_elasticache_replication_group.this.log_delivery_configuration : log.log_type => log.destination } == { slow-log = "/aws/elasticache/tidewatch-test/slow-log", engine-log = "/aws/elasticache/tidewatch-test/engine-log" }
    error_message = "the slow log or the engine's log goes nowhere"
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_kms_key_arn && group.retention_in_days == 365])
    error_message = "a log group has no key, or keeps for ever"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.port == 6379 && aws_elasticache_replication_group.this.security_group_ids == toset(var.security_group_ids)
    error_message = "Redis listens where the security groups do not look"
  }
}

run "users" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.user_group_ids == toset([aws_elasticache_user_group.this.id]) && aws_elasticache_user_group.this.user_ids == toset(["tidewatch-test-default", "tidewatch-test-app"])
    error_message = "Redis does not ask who its clients are"
  }
  assert {
    condition     = startswith(aws_elasticache_user.default.access_string, "off ") && endswith(aws_elasticache_user.default.access_string, "-@all")
    error_message = "a client without a name gets in"
  }
  assert {
    condition     = alltrue([for user in aws_elasticache_user.iam : user.authentication_mode[0].type == "iam" && user.passwords == null && user.authentication_mode[0].passwords == null])
    error_message = "a user's password is in the state"
  }
  assert {
    condition     = alltrue([for user in aws_elasticache_user.iam : user.user_id == user.user_name])
    error_message = "IAM does not know the user: its id and its name differ"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.auth_token == null
    error_message = "there is one password for all"
  }
  assert {
    condition     = strcontains(aws_elasticache_user.iam["app"].access_string, "-@dangerous") && strcontains(aws_elasticache_user.iam["app"].access_string, "~tidewatch:*")
    error_message = "the user may empty Redis, or read the keys of others"
  }
}

run "one_node_for_trials" {
  command = plan
  variables {
    replicas  = 0
    node_type = "cache.t4g.small"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.automatic_failover_enabled && !aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "failover is asked for where there is no replica, which AWS refuses"
  }
}

run "own_users" {
  command = plan
  variables {
    users = { alerts = "on ~alerts:* -@all +@read", feed = "on ~feed:* -@all +@write" }
  }

  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset(["tidewatch-test-default", "tidewatch-test-alerts", "tidewatch-test-feed"]) && output.user_ids == { alerts = "tidewatch-test-alerts", feed = "tidewatch-test-feed" }
    error_message = "a named user can't sign in"
  }
}

run "password_in_the_rules_is_refused" {
  command = plan
  variables {
    users = { alerts = "on >secret ~* +@all" }
  }
  expect_failures = [var.users]
}

run "no_snapshot_is_refused" {
  command = plan
  variables {
    snapshot_retention_days = 0
  }
  expect_failures = [var.snapshot_retention_days]
}

run "version_without_iam_is_refused" {
  command = plan
  variables {
    engine_version = "6.2"
  }
  expect_failures = [var.engine_version]
}
