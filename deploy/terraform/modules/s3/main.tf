# Buckets by purpose. All are private, versioned, encrypted with their purpose's key, and speak TLS 1.2 or newer alone; `access` has AWS's own
# encryption, because load balancers and S3 itself write access logs to no bucket with a KMS key.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account_id = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition

  purposes = {
    documents = { key_arn = var.kms_key_arns.data }
    exports   = { key_arn = var.kms_key_arns.data }
    logs      = { key_arn = var.kms_key_arns.logs }
    audit     = { key_arn = var.kms_key_arns.audit }
    access    = { key_arn = null }
  }

  # Names and ARNs before the buckets are there, so that policies can be read when planned.
  names = { for purpose in keys(local.purposes) : purpose => "${var.name}-${purpose}-${local.account_id}" }
  arns  = { for purpose, name in local.names : purpose => "arn:${local.partition}:s3:::${name}" }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:all but `access` write access logs, by a resource of their own; `access` writing its own would never end
  #checkov:skip=CKV_AWS_144:copied to the second region where `replica` names buckets there
  #checkov:skip=CKV_AWS_145:all but `access` have KMS keys, by a resource of their own; access logs are delivered to no such bucket
  #checkov:skip=CKV2_AWS_62:objects of `logs` and `audit` are announced by the telemetry module; nobody waits for the others
  for_each = local.purposes

  bucket              = local.names[each.key]
  object_lock_enabled = each.key == "audit"
  force_destroy       = var.force_destroy

  tags = { Name = local.names[each.key] }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.purposes

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# No access lists: what a service delivers is ours, and policies alone say who reads it.
resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.purposes

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.purposes

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.purposes

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    # One call of KMS for many objects: a hundredth of the cost, and no throttling while a day is read again.
    bucket_key_enabled = each.key != "access"

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.key == "access" ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = { for purpose, settings in local.purposes : purpose => settings if purpose != "access" }

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["access"].id
  target_prefix = "${local.delivery_prefixes.s3}/"

  # ACCOUNT/REGION/BUCKET/yyyy/MM/dd follow.
  target_object_key_format {
    partitioned_prefix {
      partition_date_source = "EventTime"
    }
  }

  # Which lets S3 write there.
  depends_on = [aws_s3_bucket_policy.this]
}

# What is written is locked from its first moment, whoever writes it.
resource "aws_s3_bucket_object_lock_configuration" "audit" {
  bucket = aws_s3_bucket.this["audit"].id

  rule {
    default_retention {
      mode = var.object_lock_mode
      days = var.audit_retention_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
