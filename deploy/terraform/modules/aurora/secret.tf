# AWS makes, keeps and rotates the master user's password, but not in a global database: there the secret is ours, with a copy in the second
# region, because the proxy of that region signs in with it when the regions change their roles.
locals {
  master_username = "tidewatch_admin"
  own_password    = var.global != null && !local.secondary

  # 244 random bits, new in each run, and nothing that any state or plan keeps: write-only arguments take them, and do so only when they are
  # made or master_password_version changes. (An ephemeral resource would do the same by a call to AWS, and can't be tested with mocks.)
  password = sensitive(replace("${uuid()}${uuid()}", "-", ""))

  master_secret_arn = coalesce(
    try(var.global.secret_arn, null),
    one(aws_secretsmanager_secret.master[*].arn),
    try(aws_rds_cluster.this.master_user_secret[0].secret_arn, null),
  )
}

resource "aws_secretsmanager_secret" "master" {
  #checkov:skip=CKV2_AWS_57:AWS rotates no secret of a global database; master_password_version does
  count = local.own_password ? 1 : 0

  name        = "${var.name}-aurora-master"
  description = "Master user of Aurora"
  kms_key_id  = var.secrets_key_arn
  # At once where the cluster may go as well, so that an estate can be made anew by the same name.
  recovery_window_in_days = var.deletion_protection ? 30 : 0

  dynamic "replica" {
    for_each = var.global.secret_replica[*]
    content {
      region     = replica.value.region
      kms_key_id = replica.value.kms_key_arn
    }
  }
}

resource "aws_secretsmanager_secret_version" "master" {
  count = local.own_password ? 1 : 0

  secret_id                = aws_secretsmanager_secret.master[0].id
  secret_string_wo         = jsonencode({ username = local.master_username, password = local.password })
  secret_string_wo_version = var.master_password_version

  # After the cluster and with it: one that failed or is made anew has another password, which must be the one that stands here.
  lifecycle {
    replace_triggered_by = [aws_rds_cluster.this.cluster_resource_id]
  }
}
