locals {
  to_gateway = var.delivery.kind == "http"

  # Below a prefix that nothing is announced for: what the gateway has not taken is counted by replaying it, when somebody has seen why.
  failed_prefix = "failed/metric-streams/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/"
}

resource "aws_kinesis_firehose_delivery_stream" "metrics" {
  count = var.metric_stream.enabled ? 1 : 0

  name        = "${var.name}-metrics"
  destination = local.to_gateway ? "http_endpoint" : "extended_s3"

  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = var.logs_key_arn
  }

  dynamic "extended_s3_configuration" {
    for_each = local.to_gateway ? [] : [var.delivery]

    content {
      role_arn            = aws_iam_role.firehose[0].arn
      bucket_arn          = var.logs_bucket_arn
      prefix              = "${extended_s3_configuration.value.prefix}!{timestamp:yyyy/MM/dd/HH}/"
      error_output_prefix = local.failed_prefix
      buffering_size      = extended_s3_configuration.value.buffering_mib
      buffering_interval  = extended_s3_configuration.value.buffering_seconds
      compression_format  = "GZIP"
      file_extension      = var.metric_stream.output_format == "json" ? ".json.gz" : ".otlp.gz"
      kms_key_arn         = var.logs_key_arn

      cloudwatch_logging_options {
        enabled         = true
        log_group_name  = aws_cloudwatch_log_group.firehose[0].name
        log_stream_name = aws_cloudwatch_log_stream.delivery[0].name
      }
    }
  }

  dynamic "http_endpoint_configuration" {
    for_each = local.to_gateway ? [var.delivery.http] : []

    content {
      name               = "tidewatch"
      url                = http_endpoint_configuration.value.url
      role_arn           = aws_iam_role.firehose[0].arn
      buffering_size     = var.delivery.buffering_mib
      buffering_interval = var.delivery.buffering_seconds
      retry_duration     = http_endpoint_configuration.value.retry_seconds
      s3_backup_mode     = "FailedDataOnly"

      secrets_manager_configuration {
        enabled    = true
        secret_arn = http_endpoint_configuration.value.secret_arn
        role_arn   = aws_iam_role.firehose[0].arn
      }

      request_configuration {
        content_encoding = "GZIP"
      }

      s3_configuration {
        role_arn            = aws_iam_role.firehose[0].arn
        bucket_arn          = var.logs_bucket_arn
        error_output_prefix = local.failed_prefix
        compression_format  = "GZIP"
        kms_key_arn         = var.logs_key_arn

        cloudwatch_logging_options {
          enabled         = true
          log_group_name  = aws_cloudwatch_log_group.firehose[0].name
          log_stream_name = aws_cloudwatch_log_stream.backup[0].name
        }
      }

      cloudwatch_logging_options {
        enabled         = true
        log_group_name  = aws_cloudwatch_log_group.firehose[0].name
        log_stream_name = aws_cloudwatch_log_stream.delivery[0].name
      }
    }
  }

  # Firehose tries the role as soon as the stream is there.
  depends_on = [aws_iam_role_policy.firehose]
}

resource "aws_cloudwatch_log_group" "firehose" {
  count = var.metric_stream.enabled ? 1 : 0

  name              = "/aws/kinesisfirehose/${var.name}-metrics"
  retention_in_days = 365
  kms_key_id        = var.logs_key_arn
}

resource "aws_cloudwatch_log_stream" "delivery" {
  count = var.metric_stream.enabled ? 1 : 0

  name           = "delivery"
  log_group_name = aws_cloudwatch_log_group.firehose[0].name
}

resource "aws_cloudwatch_log_stream" "backup" {
  count = var.metric_stream.enabled && local.to_gateway ? 1 : 0

  name           = "backup"
  log_group_name = aws_cloudwatch_log_group.firehose[0].name
}
