resource "aws_iam_role" "firehose" {
  count = var.metric_stream.enabled ? 1 : 0

  name                 = "${var.name}-firehose"
  assume_role_policy   = data.aws_iam_policy_document.firehose_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role_policy" "firehose" {
  count = var.metric_stream.enabled ? 1 : 0

  name   = "deliver"
  role   = aws_iam_role.firehose[0].id
  policy = data.aws_iam_policy_document.firehose[0].json
}

data "aws_iam_policy_document" "firehose" {
  count = var.metric_stream.enabled ? 1 : 0

  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.logs_bucket_arn]
  }

  statement {
    sid     = "Write"
    actions = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = concat(
      ["${var.logs_bucket_arn}/failed/metric-streams/*"],
      local.to_gateway ? [] : ["${var.logs_bucket_arn}/${var.delivery.prefix}*"],
    )
  }

  statement {
    sid       = "Encrypt"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.logs_key_arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.firehose[0].arn}:log-stream:*"]
  }

  dynamic "statement" {
    for_each = local.to_gateway ? [var.delivery.http] : []

    content {
      sid       = "AccessKey"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value.secret_arn]
    }
  }

  dynamic "statement" {
    for_each = local.to_gateway ? [var.delivery.http] : []

    content {
      sid       = "DecryptAccessKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.secret_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:SecretARN"
        values   = [statement.value.secret_arn]
      }
    }
  }
}
