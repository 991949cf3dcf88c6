resource "aws_cloudwatch_metric_stream" "this" {
  count = var.metric_stream.enabled ? 1 : 0

  name                            = var.name
  firehose_arn                    = aws_kinesis_firehose_delivery_stream.metrics[0].arn
  role_arn                        = aws_iam_role.metric_stream[0].arn
  output_format                   = var.metric_stream.output_format
  include_linked_accounts_metrics = var.metric_stream.linked_accounts

  dynamic "include_filter" {
    for_each = var.metric_stream.namespaces

    content {
      namespace    = include_filter.key
      metric_names = length(include_filter.value) > 0 ? include_filter.value : null
    }
  }

  dynamic "statistics_configuration" {
    for_each = var.metric_stream.statistics

    content {
      additional_statistics = statistics_configuration.value.additional

      dynamic "include_metric" {
        for_each = statistics_configuration.value.metrics

        content {
          namespace   = include_metric.value.namespace
          metric_name = include_metric.value.metric
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.metric_stream]
}

resource "aws_iam_role" "metric_stream" {
  count = var.metric_stream.enabled ? 1 : 0

  name                 = "${var.name}-metric-stream"
  assume_role_policy   = data.aws_iam_policy_document.metric_stream_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "metric_stream_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["streams.metrics.cloudwatch.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "metric_stream" {
  count = var.metric_stream.enabled ? 1 : 0

  name   = "put"
  role   = aws_iam_role.metric_stream[0].id
  policy = data.aws_iam_policy_document.metric_stream[0].json
}

data "aws_iam_policy_document" "metric_stream" {
  count = var.metric_stream.enabled ? 1 : 0

  statement {
    actions   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.metrics[0].arn]
  }
}
