resource "aws_sns_topic" "pages" {
  name              = "${var.name}-pages"
  kms_master_key_id = aws_kms_key.pages.arn
}

resource "aws_sns_topic_policy" "pages" {
  arn    = aws_sns_topic.pages.arn
  policy = data.aws_iam_policy_document.topic.json
}

locals {
  # Who says for which account it publishes. EventBridge does not to topics, nor is it known of Backup: a condition would silence them.
  known_by_account = setintersection(var.publishers, ["budgets", "costalerts"])
  known_by_name    = setsubtract(var.publishers, local.known_by_account)
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.pages.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  dynamic "statement" {
    for_each = length(local.known_by_account) > 0 ? ["Account"] : []

    content {
      sid       = statement.value
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.pages.arn]

      principals {
        type        = "Service"
        identifiers = [for service in local.known_by_account : "${service}.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account_id]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.known_by_name) > 0 ? ["Services"] : []

    content {
      sid       = statement.value
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.pages.arn]

      principals {
        type        = "Service"
        identifiers = [for service in local.known_by_name : "${service}.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "TLS"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.pages.arn]

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

resource "aws_sns_topic_subscription" "emails" {
  for_each = var.emails

  topic_arn = aws_sns_topic.pages.arn
  protocol  = "email"
  endpoint  = each.key
}

# A key of its own: only with AWS's services in its policy is anything published, and those need no other key of the estate.
resource "aws_kms_key" "pages" {
  description             = "Pages of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "pages" {
  name          = "alias/${var.name}-pages"
  target_key_id = aws_kms_key.pages.key_id
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:in a key's policy * is this key, and without the account nobody could change the policy again
  #checkov:skip=CKV_AWS_111:in a key's policy * is this key
  #checkov:skip=CKV_AWS_356:in a key's policy * is this key
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "AccountServices"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = [for service in setunion(["cloudwatch"], local.known_by_account) : "${service}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  dynamic "statement" {
    for_each = length(local.known_by_name) > 0 ? ["Services"] : []

    content {
      sid       = statement.value
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [for service in local.known_by_name : "${service}.amazonaws.com"]
      }
    }
  }
}
