# finds: what is deleted here is deleted in the copy
resource "aws_s3_bucket_replication_configuration" "this" {
  rule {
    status = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Enabled"
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
}
