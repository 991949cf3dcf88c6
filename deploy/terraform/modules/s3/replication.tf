# The copy in the second region, of what is written from now on, within 15 minutes, by S3's own promise, and with metrics that say how far it
# is behind. What is deleted here stays there: the copy is a backup as well. Access logs stay where they are about.

locals {
  replicas    = { for purpose, arn in var.replica == null ? {} : var.replica.bucket_arns : purpose => arn if purpose != "access" }
  replica_key = { documents = "data", exports = "data", logs = "logs", audit = "audit" }
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.replicas

  bucket = aws_s3_bucket.this[each.key].id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = "second-region"
    status = "Enabled"
    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket = each.value

      encryption_configuration {
        replica_kms_key_id = var.replica.kms_key_arns[local.replica_key[each.key]]
      }

      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }

      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}

resource "aws_iam_role" "replication" {
  count = var.replica == null ? 0 : 1

  name                 = "${var.name}-s3-replication"
  description          = "Copies objects to the second region"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  count = var.replica == null ? 0 : 1

  name = "copy"
  role = aws_iam_role.replication[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Source"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = [for purpose in keys(local.replicas) : local.arns[purpose]]
      },
      {
        Sid    = "SourceObjects"
        Effect = "Allow"
        Action = [
          "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
          # Of the audit archive: the lock goes along.
          "s3:GetObjectRetention", "s3:GetObjectLegalHold",
        ]
        Resource = [for purpose in keys(local.replicas) : "${local.arns[purpose]}/*"]
      },
      {
        Sid      = "CopyObjects"
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = [for arn in values(local.replicas) : "${arn}/*"]
      },
      {
        Sid       = "SourceKeys"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = distinct([for purpose in keys(local.replicas) : local.purposes[purpose].key_arn])
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      },
      {
        Sid       = "CopyKeys"
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = distinct([for purpose in keys(local.replicas) : var.replica.kms_key_arns[local.replica_key[purpose]]])
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      },
    ]
  })
}
