# S3 announces an object at least once, in no order: who reads the queue takes an object twice for once, by its key and version.
resource "aws_s3_bucket_notification" "logs" {
  bucket = var.logs_bucket_name

  dynamic "queue" {
    for_each = var.notifications.prefixes

    content {
      queue_arn     = aws_sqs_queue.objects.arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = queue.value
      filter_suffix = var.notifications.suffix
    }
  }

  # S3 sends a message to try it.
  depends_on = [aws_sqs_queue_policy.objects]
}

# The trail's files. In a second region they are copies, which its reader takes when it is that region's turn.
resource "aws_s3_bucket_notification" "archive" {
  bucket = var.archive.bucket_name

  queue {
    queue_arn     = aws_sqs_queue.objects.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "AWSLogs/"
    filter_suffix = var.notifications.suffix
  }

  depends_on = [aws_sqs_queue_policy.objects]
}

resource "aws_sqs_queue" "objects" {
  name                              = "${var.name}-objects"
  kms_master_key_id                 = var.logs_key_arn
  kms_data_key_reuse_period_seconds = 300
  visibility_timeout_seconds        = var.notifications.visibility_timeout_seconds
  message_retention_seconds         = var.notifications.retention_seconds
  receive_wait_time_seconds         = 20

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.notifications.receives_max
  })
}

resource "aws_sqs_queue_policy" "objects" {
  queue_url = aws_sqs_queue.objects.url
  policy    = data.aws_iam_policy_document.objects.json
}

data "aws_iam_policy_document" "objects" {
  statement {
    sid       = "Buckets"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.objects.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.logs_bucket_arn, var.archive.bucket_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "TLS"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.objects.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# A dead letter keeps the age of its message, so this queue's retention is the longest that there is.
resource "aws_sqs_queue" "dead_letters" {
  name                              = "${var.name}-objects-dead-letters"
  kms_master_key_id                 = var.logs_key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.objects.arn]
  })
}

# Nobody sends here by a policy: SQS itself moves messages, by the redrive policies.
resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy    = data.aws_iam_policy_document.dead_letters.json
}

data "aws_iam_policy_document" "dead_letters" {
  statement {
    sid       = "TLS"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.dead_letters.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
