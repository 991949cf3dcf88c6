# A key for each purpose, so that who may read one kind of data can't read another, and a key that is lost or misused costs that kind alone.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  purposes = {
    data    = "Databases, caches, Kafka, volumes, images, messages, documents"
    logs    = "Logs of AWS services, CloudWatch Logs"
    audit   = "The archive of audit records, CloudTrail's files"
    secrets = "Passwords and keys in Secrets Manager"
  }
}

resource "aws_kms_key" "this" {
  for_each = local.purposes

  description             = "${var.name}: ${each.value}"
  enable_key_rotation     = true
  rotation_period_in_days = var.rotation_days
  deletion_window_in_days = var.deletion_window_days
  multi_region            = var.multi_region
  policy                  = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_kms_alias" "this" {
  for_each = local.purposes

  name          = "alias/${var.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
