# What is seldom read becomes cheaper after 30, 90 and 365 days. Logs stay readable at once while they are kept, because a replay reads them:
# GLACIER_IR answers in milliseconds, the first year of CloudTrail among
# them. DEEP_ARCHIVE takes half a day to restore, which documents and an audit can wait for.

locals {
  lifecycles = {
    documents = { transitions = { STANDARD_IA = 30, GLACIER_IR = 90, DEEP_ARCHIVE = 365 }, expires_days = null }
    exports   = { transitions = { STANDARD_IA = 30, GLACIER_IR = 90 }, expires_days = 365 }
    logs      = { transitions = { STANDARD_IA = 30, GLACIER_IR = 90 }, expires_days = 365 }
    audit     = { transitions = { STANDARD_IA = 30, GLACIER_IR = 90, DEEP_ARCHIVE = 365 }, expires_days = var.audit_retention_days }
    access    = { transitions = { STANDARD_IA = 30 }, expires_days = 90 }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.purposes

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "age"
    status = "Enabled"
    filter {}

    dynamic "transition" {
      # A class for longer than what is in it lives costs, and is refused.
      for_each = { for class, days in local.lifecycles[each.key].transitions : class => days if days < coalesce(local.lifecycles[each.key].expires_days, 36500) }

      content {
        storage_class = transition.key
        days          = transition.value
      }
    }

    dynamic "expiration" {
      for_each = local.lifecycles[each.key].expires_days[*]

      content {
        days = expiration.value
      }
    }

    # Former versions are the way back from a mistake. Those of audit records are locked until they expire, whatever this says.
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
