# Management events alone by default: they are free for the first trail, and hold every sign-in, grant and change.
resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_252:S3 announces the trail's objects to the queue of this module; a topic would announce each a second time
  #checkov:skip=CKV2_AWS_10:Tidewatch reads the trail from the bucket; CloudWatch Logs would store and bill every event a second time
  count = var.trail.enabled ? 1 : 0

  name                          = var.name
  s3_bucket_name                = var.archive.bucket_name
  kms_key_id                    = var.archive.key_arn
  is_organization_trail         = var.organization_id != null
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  enable_logging                = true

  advanced_event_selector {
    name = "management"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  dynamic "advanced_event_selector" {
    for_each = length(var.trail.data_event_bucket_arns) > 0 ? ["objects"] : []

    content {
      name = advanced_event_selector.value

      field_selector {
        field  = "eventCategory"
        equals = ["Data"]
      }

      field_selector {
        field  = "resources.type"
        equals = ["AWS::S3::Object"]
      }

      field_selector {
        field       = "resources.ARN"
        starts_with = [for arn in sort(var.trail.data_event_bucket_arns) : "${arn}/"]
      }
    }
  }

  # Who read the archive. Reads alone: its writes are the trail's own deliveries, each of which would be an event to deliver. Tidewatch's
  # reading of a file is one event in the next.
  dynamic "advanced_event_selector" {
    for_each = var.trail.archive_reads ? ["archive-reads"] : []

    content {
      name = advanced_event_selector.value

      field_selector {
        field  = "eventCategory"
        equals = ["Data"]
      }

      field_selector {
        field  = "resources.type"
        equals = ["AWS::S3::Object"]
      }

      field_selector {
        field  = "readOnly"
        equals = ["true"]
      }

      field_selector {
        field       = "resources.ARN"
        starts_with = ["${var.archive.bucket_arn}/"]
      }
    }
  }

  dynamic "insight_selector" {
    for_each = var.trail.insights

    content {
      insight_type = insight_selector.value
    }
  }
}
