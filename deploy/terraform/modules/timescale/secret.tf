# 244 random bits, new in each run, and nothing that any state or plan keeps: a write-only argument takes them, and does so only when the
# secret is made or password_version changes. (An ephemeral resource would do the same by a call to AWS, and can't be tested with mocks.)
locals {
  owner    = "tidewatch"
  password = sensitive(replace("${uuid()}${uuid()}", "-", ""))
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:AWS's rotation does not reach a PostgreSQL of one's own; password_version and prepare.sh rotate it
  name        = "${var.name}-timescale"
  description = "Owner of the database in PostgreSQL with TimescaleDB"
  kms_key_id  = var.secrets_key_arn
  # At once where the instance may go as well, so that an estate can be made anew by the same name.
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = jsonencode({ username = local.owner, password = local.password })
  secret_string_wo_version = var.password_version
}
