mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_rds_global_cluster" {
    defaults = { id = "tidewatch" }
  }
  mock_resource "aws_rds_cluster" {
    defaults = {
      arn                = "arn:aws:rds:us-east-1:123456789012:cluster:tidewatch-test"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf" }]
    }
  }
  mock_resource "aws_db_proxy" {
    defaults = { arn = "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-0123", endpoint = "proxy.example" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test-aurora-master-AbCdEf" }
  }
}

# Of each estate another.
override_resource {
  target          = terraform_data.final_snapshot
  override_during = plan
  values          = { id = "0a1b2c3d-0000-0000-0000-000000000000" }
}

variables {
  name                     = "tidewatch-test"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids       = ["sg-database"]
  proxy_subnet_ids         = ["subnet-d", "subnet-e", "subnet-f"]
  proxy_security_group_ids = ["sg-proxy"]
  kms_key_arn              = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  secrets_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_kms_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
}

run "data" {
  command = plan

  assert {
    condition     = aws_rds_cluster.this.engine == "aurora-postgresql" && startswith(aws_rds_cluster.this.engine_version, "15") && aws_rds_cluster_parameter_group.this.family == "aurora-postgresql15" && startswith(aws_rds_cluster_parameter_group.this.name_prefix, "tidewatch-test-")
    error_message = "the cluster is not one of PostgreSQL 15"
  }
  assert {
    condition     = aws_rds_cluster.this.storage_encrypted && aws_rds_cluster.this.kms_key_id == var.kms_key_arn
    error_message = "the data is not encrypted with the key of this estate"
  }
  assert {
    condition     = aws_rds_cluster.this.backup_retention_period == 35
    error_message = "the cluster can't be restored to any second of the last 35 days"
  }
  assert {
    condition     = aws_rds_cluster.this.deletion_protection && !aws_rds_cluster.this.skip_final_snapshot && aws_rds_cluster.this.final_snapshot_identifier == "tidewatch-test-final-0a1b2c3d"
    error_message = "the cluster can be deleted with its last state"
  }
  assert {
    condition     = aws_rds_cluster.this.tags["Backup"] == "true" && aws_rds_cluster.this.copy_tags_to_snapshot
    error_message = "no backup plan finds the cluster"
  }
  assert {
    condition     = alltrue([for name, value in { "rds.force_ssl" = "1", "ssl_min_protocol_version" = "TLSv1.2" } : contains([for parameter in aws_rds_cluster_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], "${name}=${value}")])
    error_message = "clients may speak to the database without TLS"
  }
  assert {
    condition     = alltrue([for setting in ["log_connections=1", "log_statement=ddl", "log_min_duration_statement=1000", "pgaudit.log=ddl,role"] : contains([for parameter in aws_rds_cluster_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], setting)])
    error_message = "the log does not say who did what"
  }
  assert {
    condition     = aws_rds_cluster.this.enabled_cloudwatch_logs_exports == toset(["postgresql"]) && aws_cloudwatch_log_group.postgresql.name == "/aws/rds/cluster/tidewatch-test/postgresql"
    error_message = "PostgreSQL's log does not come to CloudWatch"
  }
  assert {
    condition     = alltrue([for group in [aws_cloudwatch_log_group.postgresql, aws_cloudwatch_log_group.proxy] : group.kms_key_id == var.log_kms_key_arn && group.retention_in_days == 365])
    error_message = "a log group has no key, or keeps for ever"
  }
}

run "instances" {
  command = plan

  assert {
    condition     = length(aws_rds_cluster_instance.this) == 2 && length(aws_db_subnet_group.this.subnet_ids) == 3
    error_message = "no reader takes over where the writer fails"
  }
  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : !instance.publicly_accessible])
    error_message = "the database can be reached from the internet"
  }
  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : instance.performance_insights_enabled && instance.performance_insights_kms_key_id == var.kms_key_arn && instance.monitoring_interval == 30])
    error_message = "slow statements are not seen, or their texts lie without the key of this estate"
  }
  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : instance.auto_minor_version_upgrade])
    error_message = "fixes of PostgreSQL do not come by themselves"
  }
}

run "sign_in" {
  command = plan

  assert {
    condition     = aws_rds_cluster.this.iam_database_authentication_enabled
    error_message = "users can't sign in by IAM"
  }
  assert {
    condition     = aws_rds_cluster.this.manage_master_user_password && aws_rds_cluster.this.master_user_secret_kms_key_id == var.secrets_key_arn && aws_rds_cluster.this.master_password == null
    error_message = "the master user's password is in the state"
  }
  assert {
    condition     = length(aws_secretsmanager_secret.master) == 0 && output.master_secret_arn == aws_rds_cluster.this.master_user_secret[0].secret_arn
    error_message = "there is a second secret of the master user, which nobody rotates"
  }
  assert {
    condition     = aws_db_proxy.this.require_tls
    error_message = "clients may speak to the proxy without TLS"
  }
  assert {
    condition     = alltrue([for auth in aws_db_proxy.this.auth : auth.iam_auth == "REQUIRED" && auth.secret_arn == output.master_secret_arn])
    error_message = "the proxy takes passwords"
  }
  assert {
    condition     = toset(data.aws_iam_policy_document.proxy.statement[0].resources) == toset([output.master_secret_arn]) && data.aws_iam_policy_document.proxy.statement[1].resources == toset([var.secrets_key_arn])
    error_message = "the proxy reads other secrets than those of its users"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.proxy.statement[1].condition).values == tolist(["secretsmanager.us-east-1.amazonaws.com"])
    error_message = "the proxy may use the key for more than its secrets"
  }
  assert {
    condition     = aws_db_proxy_endpoint.reader[0].target_role == "READ_ONLY" && output.proxy_resource_id == "prx-0123"
    error_message = "the proxy has no way to the readers"
  }
}

run "own_users_of_the_proxy" {
  command = plan
  variables {
    proxy_secret_arns = { reports = "arn:aws:secretsmanager:us-east-1:123456789012:secret:reports-AbCdEf" }
  }

  assert {
    condition     = [for auth in aws_db_proxy.this.auth : auth.secret_arn] == [var.proxy_secret_arns.reports]
    error_message = "the proxy still signs in as the master user"
  }
}

run "first_region_of_two" {
  command = plan
  variables {
    engine_version = "15.10"
    global         = { identifier = "tidewatch", secret_replica = { region = "us-west-2", kms_key_arn = "arn:aws:kms:us-west-2:123456789012:key/44444444-4444-4444-4444-444444444444" } }
  }

  assert {
    condition     = aws_rds_global_cluster.this[0].storage_encrypted && aws_rds_global_cluster.this[0].deletion_protection && aws_rds_cluster.this.global_cluster_identifier == "tidewatch"
    error_message = "the first region's cluster is not in an encrypted, protected global database"
  }
  assert {
    condition     = aws_rds_cluster.this.manage_master_user_password == null && aws_rds_cluster.this.master_password == null && aws_rds_cluster.this.master_password_wo_version == 1
    error_message = "the password of a global database is in the state, or AWS refuses to manage it"
  }
  assert {
    condition     = aws_secretsmanager_secret_version.master[0].secret_string == null && aws_secretsmanager_secret_version.master[0].secret_string_wo_version == aws_rds_cluster.this.master_password_wo_version
    error_message = "secret and cluster may have different passwords, or the state has one"
  }
  assert {
    condition     = aws_secretsmanager_secret.master[0].recovery_window_in_days == 30
    error_message = "a secret that is deleted by mistake can't be taken back"
  }
  assert {
    condition     = one(aws_secretsmanager_secret.master[0].replica).region == "us-west-2" && output.master_secret_arn == aws_secretsmanager_secret.master[0].arn
    error_message = "the second region's proxy can't sign in"
  }
  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : !instance.auto_minor_version_upgrade])
    error_message = "one region may get another version than the other"
  }
}

run "second_region_of_two" {
  command = plan
  variables {
    engine_version = "15.10"
    readers        = 0
    global         = { identifier = "tidewatch", secondary = true, secret_arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:tidewatch-prod-aurora-master-AbCdEf" }
  }

  assert {
    condition     = length(aws_rds_global_cluster.this) == 0 && aws_rds_cluster.this.global_cluster_identifier == "tidewatch" && output.global_cluster_id == "tidewatch"
    error_message = "the second region's cluster is not in the first one's global database"
  }
  assert {
    condition     = aws_rds_cluster.this.master_username != local.master_username && aws_rds_cluster.this.database_name != var.database_name && length(aws_secretsmanager_secret.master) == 0
    error_message = "the second region's cluster has users of its own, which AWS refuses"
  }
  assert {
    condition     = alltrue([for auth in aws_db_proxy.this.auth : auth.secret_arn == var.global.secret_arn]) && length(aws_db_proxy_endpoint.reader) == 1
    error_message = "the second region's proxy does not sign in with the copy of the secret, or has no way to readers"
  }
}

run "global_database_without_full_version_is_refused" {
  command = plan
  variables {
    global = { identifier = "tidewatch" }
  }
  expect_failures = [var.global]
}

run "second_region_without_the_secret_is_refused" {
  command = plan
  variables {
    engine_version = "15.10"
    global         = { identifier = "tidewatch", secondary = true }
  }
  expect_failures = [var.global]
}

run "other_major_version_is_refused" {
  command = plan
  variables {
    engine_version = "14.9"
  }
  expect_failures = [var.engine_version]
}
