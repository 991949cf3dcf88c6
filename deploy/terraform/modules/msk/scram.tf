# 244 random bits, new in each run, and nothing that any state or plan keeps: a write-only argument takes them, and does so only when the
# secret is made or scram_password_version changes. (An ephemeral resource would do the same by a call to AWS, and can't be tested with mocks.)
locals {
  password = sensitive(replace("${uuid()}${uuid()}", "-", ""))
}

resource "aws_secretsmanager_secret" "scram" {
  #checkov:skip=CKV2_AWS_57:rotation of a SCRAM password restarts no client by itself; scram_password_version rotates it when its clients can
  count = var.serverless ? 0 : 1

  # MSK takes secrets of this prefix alone.
  name        = "AmazonMSK_${var.name}-${var.scram_user}"
  description = "User and password of Kafka, SCRAM-SHA-512"
  kms_key_id  = var.secrets_key_arn

  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "scram" {
  count = var.serverless ? 0 : 1

  secret_id = aws_secretsmanager_secret.scram[0].id
  secret_string_wo = jsonencode({
    username = var.scram_user
    password = local.password
  })
  secret_string_wo_version = var.scram_password_version
}

# Word for word what MSK itself writes when the secret is associated: any other would be changed to and fro. Associating takes a grant on the
# secret's key, which this account alone can give.
data "aws_iam_policy_document" "scram" {
  #checkov:skip=CKV_AWS_108:the policy of one secret, for the service that takes it; its small letter is MSK's, at which the scanner stumbles
  count = var.serverless ? 0 : 1

  statement {
    sid       = "AWSKafkaResourcePolicy"
    actions   = ["secretsmanager:getSecretValue"]
    resources = [aws_secretsmanager_secret.scram[0].arn]
    principals {
      type        = "Service"
      identifiers = ["kafka.amazonaws.com"]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "scram" {
  count = var.serverless ? 0 : 1

  secret_arn = aws_secretsmanager_secret.scram[0].arn
  policy     = data.aws_iam_policy_document.scram[0].json
}

resource "aws_msk_scram_secret_association" "this" {
  count = var.serverless ? 0 : 1

  cluster_arn     = aws_msk_cluster.this[0].arn
  secret_arn_list = [aws_secretsmanager_secret.scram[0].arn]

  depends_on = [aws_secretsmanager_secret_version.scram, aws_secretsmanager_secret_policy.scram]
}
