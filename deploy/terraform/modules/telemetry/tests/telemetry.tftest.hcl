mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/tidewatch-test-metrics" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:firehose" }
  }
}

override_resource {
  target          = aws_sqs_queue.objects
  override_during = plan
  values          = { arn = "arn:aws:sqs:us-east-1:123456789012:objects", url = "https://sqs.us-east-1.amazonaws.com/123456789012/objects" }
}

override_resource {
  target          = aws_sqs_queue.dead_letters
  override_during = plan
  values          = { arn = "arn:aws:sqs:us-east-1:123456789012:dead", url = "https://sqs.us-east-1.amazonaws.com/123456789012/dead" }
}

variables {
  name             = "tidewatch-test"
  logs_bucket_name = "tidewatch-test-logs"
  logs_bucket_arn  = "arn:aws:s3:::tidewatch-test-logs"
  logs_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"

  archive = {
    bucket_name = "tidewatch-test-audit"
    bucket_arn  = "arn:aws:s3:::tidewatch-test-audit"
    key_arn     = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
  }
}

run "trail_of_the_account" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this[0].s3_bucket_name == var.archive.bucket_name && output.trail_bucket_name == var.archive.bucket_name
    error_message = "the trail lies where it can be changed or deleted, and not in the archive"
  }
  assert {
    condition     = aws_cloudtrail.this[0].enable_log_file_validation && aws_cloudtrail.this[0].kms_key_id == var.archive.key_arn
    error_message = "the trail's files are not signed by digests, or not encrypted with the key of the archive"
  }
  assert {
    condition     = aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].include_global_service_events && aws_cloudtrail.this[0].enable_logging
    error_message = "the trail misses regions or global services"
  }
  assert {
    condition     = !aws_cloudtrail.this[0].is_organization_trail
    error_message = "a trail of one account asks for an organisation"
  }
  assert {
    condition     = [for selector in aws_cloudtrail.this[0].advanced_event_selector : one([for field in selector.field_selector : one(field.equals) if field.field == "eventCategory"])] == ["Management"]
    error_message = "the trail does not have management events, or buys others that nobody asked for"
  }
  assert {
    condition     = length(aws_cloudtrail.this[0].insight_selector) == 0
    error_message = "insights are bought that nobody asked for"
  }
}

run "trail_of_the_organisation" {
  command = plan

  variables {
    organization_id = "o-abcdefghij"
    trail = {
      insights               = ["ApiErrorRateInsight"]
      data_event_bucket_arns = ["arn:aws:s3:::documents"]
      archive_reads          = true
    }
  }

  assert {
    condition     = aws_cloudtrail.this[0].is_organization_trail
    error_message = "the organisation's accounts are not in the trail"
  }
  assert {
    condition     = [for field in aws_cloudtrail.this[0].advanced_event_selector[1].field_selector : one(field.starts_with) if field.field == "resources.ARN"] == ["arn:aws:s3:::documents/"]
    error_message = "data events are of other objects than those of the bucket"
  }
  assert {
    condition     = toset([for field in aws_cloudtrail.this[0].advanced_event_selector[2].field_selector : "${field.field} ${join(",", concat(coalesce(field.equals, []), coalesce(field.starts_with, [])))}"]) == toset(["eventCategory Data", "resources.type AWS::S3::Object", "readOnly true", "resources.ARN arn:aws:s3:::tidewatch-test-audit/"])
    error_message = "nobody could say who read the archive, or the trail records its own deliveries without end"
  }
  assert {
    condition     = one(aws_cloudtrail.this[0].insight_selector).insight_type == "ApiErrorRateInsight"
    error_message = "the insight that was asked for is missing"
  }
}

run "metrics_to_the_bucket" {
  command = plan

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].destination == "extended_s3" && length(aws_kinesis_firehose_delivery_stream.metrics[0].http_endpoint_configuration) == 0
    error_message = "metrics go elsewhere than to the bucket"
  }
  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].server_side_encryption[0].enabled && aws_kinesis_firehose_delivery_stream.metrics[0].server_side_encryption[0].key_arn == var.logs_key_arn
    error_message = "what waits in Firehose is not encrypted with the key of logs"
  }
  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].extended_s3_configuration[0].kms_key_arn == var.logs_key_arn && aws_kinesis_firehose_delivery_stream.metrics[0].extended_s3_configuration[0].compression_format == "GZIP"
    error_message = "what Firehose delivers is not compressed, or not encrypted with the key of logs"
  }
  assert {
    condition     = startswith(aws_kinesis_firehose_delivery_stream.metrics[0].extended_s3_configuration[0].error_output_prefix, "failed/")
    error_message = "what failed lies among what was delivered, and would be announced and counted"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.firehose[0].statement : statement.resources if statement.sid == "Write"]) == toset(["arn:aws:s3:::tidewatch-test-logs/failed/metric-streams/*", "arn:aws:s3:::tidewatch-test-logs/metric-streams/*"])
    error_message = "Firehose may write elsewhere in the bucket, over the trail perhaps"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.firehose[0].statement : !contains(statement.resources, "*") && alltrue([for action in statement.actions : !strcontains(action, "*")])])
    error_message = "Firehose's role has more than it needs"
  }
  assert {
    condition     = aws_cloudwatch_metric_stream.this[0].output_format == "json" && length(aws_cloudwatch_metric_stream.this[0].include_filter) > 0
    error_message = "the stream sends a format that Tidewatch does not read, or every metric of the account"
  }
  assert {
    condition     = contains(flatten([for item in aws_cloudwatch_metric_stream.this[0].statistics_configuration : tolist(item.additional_statistics)]), "p99")
    error_message = "percentiles of the latency are not sent, so that no SLO can be of them"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.metric_stream[0].statement).resources == toset([aws_kinesis_firehose_delivery_stream.metrics[0].arn])
    error_message = "the metric stream may put into other streams"
  }
}

run "metrics_to_the_gateway" {
  command = plan

  variables {
    delivery = {
      kind = "http"
      http = {
        url            = "https://telemetry.example.com/v1/firehose"
        secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:gateway-AbCdEf"
        secret_key_arn = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
      }
    }
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].destination == "http_endpoint" && length(aws_kinesis_firehose_delivery_stream.metrics[0].extended_s3_configuration) == 0
    error_message = "metrics do not go to the gateway"
  }
  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].http_endpoint_configuration[0].access_key == null && aws_kinesis_firehose_delivery_stream.metrics[0].http_endpoint_configuration[0].secrets_manager_configuration[0].enabled
    error_message = "the gateway's access key is in the state, and not in Secrets Manager"
  }
  assert {
    condition     = aws_kinesis_firehose_delivery_stream.metrics[0].http_endpoint_configuration[0].s3_backup_mode == "FailedDataOnly" && aws_kinesis_firehose_delivery_stream.metrics[0].http_endpoint_configuration[0].s3_configuration[0].kms_key_arn == var.logs_key_arn
    error_message = "what the gateway has not taken is lost, or lies unencrypted"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.firehose[0].statement : statement.resources if statement.sid == "Write"]) == toset(["arn:aws:s3:::tidewatch-test-logs/failed/metric-streams/*"])
    error_message = "Firehose may write elsewhere in the bucket, over the trail perhaps"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.firehose[0].statement : statement.resources if statement.sid == "AccessKey"]) == toset([var.delivery.http.secret_arn])
    error_message = "Firehose can't read the gateway's access key, or reads other secrets too"
  }
}

run "announcements" {
  command = plan

  assert {
    condition     = toset(aws_s3_bucket_notification.logs.queue[*].filter_prefix) == toset(["AWSLogs/", "metric-streams/"]) && alltrue([for queue in aws_s3_bucket_notification.logs.queue : queue.queue_arn == aws_sqs_queue.objects.arn])
    error_message = "new objects of flow logs or metrics are not announced"
  }
  assert {
    condition     = aws_s3_bucket_notification.archive.bucket == var.archive.bucket_name && one(aws_s3_bucket_notification.archive.queue[*].filter_prefix) == "AWSLogs/" && one(aws_s3_bucket_notification.archive.queue[*].queue_arn) == aws_sqs_queue.objects.arn
    error_message = "new objects of the trail are not announced"
  }
  assert {
    condition     = anytrue([for condition in data.aws_iam_policy_document.objects.statement[0].condition : condition.variable == "aws:SourceArn" && toset(condition.values) == toset([var.logs_bucket_arn, var.archive.bucket_arn])]) && anytrue([for condition in data.aws_iam_policy_document.objects.statement[0].condition : condition.variable == "aws:SourceAccount" && condition.values == tolist(["123456789012"])])
    error_message = "any bucket of any account can send to the queue"
  }
  assert {
    condition     = alltrue([for document in [data.aws_iam_policy_document.objects, data.aws_iam_policy_document.dead_letters] : anytrue(flatten([for statement in document.statement : [for condition in statement.condition : statement.effect == "Deny" && condition.variable == "aws:SecureTransport"]]))])
    error_message = "a queue answers without TLS"
  }
  assert {
    condition     = aws_sqs_queue.objects.kms_master_key_id == var.logs_key_arn && aws_sqs_queue.dead_letters.kms_master_key_id == var.logs_key_arn
    error_message = "a queue is not encrypted with the key of logs"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.objects.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 }
    error_message = "what nobody could use is handed out for ever, and not set aside"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letters.redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.objects.arn]
    error_message = "other queues may put their dead letters here"
  }
  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds > aws_sqs_queue.objects.message_retention_seconds
    error_message = "dead letters, which keep their age, are gone as soon as they come"
  }
}

run "nothing_but_announcements" {
  command = plan

  variables {
    trail         = { enabled = false }
    metric_stream = { enabled = false }
  }

  assert {
    condition     = output.trail_arn == null && output.firehose_arn == null && output.metric_stream_arn == null && length(aws_iam_role.firehose) == 0
    error_message = "what is switched off is there"
  }
}

run "refuses_the_trail_of_its_own_bucket" {
  command = plan

  variables {
    trail = { data_event_bucket_arns = ["arn:aws:s3:::tidewatch-test-audit"] }
  }

  expect_failures = [var.trail]
}

run "refuses_plain_http" {
  command = plan

  variables {
    delivery = {
      kind = "http"
      http = { url = "http://telemetry.example.com", secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a", secret_key_arn = "arn:aws:kms:us-east-1:123456789012:key/2" }
    }
  }

  expect_failures = [var.delivery]
}

run "refuses_a_format_that_is_not_read" {
  command = plan

  variables {
    metric_stream = { output_format = "opentelemetry0.7" }
  }

  expect_failures = [var.metric_stream]
}

run "refuses_trimmed_statistics_in_opentelemetry" {
  command = plan

  variables {
    metric_stream = {
      output_format = "opentelemetry1.0"
      statistics    = [{ additional = ["TC(:0.5)"], metrics = [{ namespace = "AWS/ApplicationELB", metric = "TargetResponseTime" }] }]
    }
  }

  expect_failures = [var.metric_stream]
}

run "refuses_overlapping_prefixes" {
  command = plan

  variables {
    notifications = { prefixes = ["AWSLogs/", "AWSLogs/123456789012/"] }
  }

  expect_failures = [var.notifications]
}
