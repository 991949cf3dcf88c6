# The address of PagerDuty's integration is a secret: who has it can page. A subscription of the provider would put it into the state, which
# knows no write-only endpoint. So the subscription is CloudFormation's, which has the address from Secrets Manager; state and template hold the
# secret's ARN alone. SNS shows the address to who may list subscriptions, as there is no page without it.
resource "aws_cloudformation_stack" "pagerduty" {
  #checkov:skip=CKV_AWS_124:the stack's events are those of an apply that somebody waits for
  count = var.pagerduty == null ? 0 : 1

  name         = "${var.name}-pagerduty"
  iam_role_arn = aws_iam_role.pagerduty[0].arn

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "PagerDuty's subscription to the pages of ${var.name}"
    Resources = {
      Subscription = {
        Type = "AWS::SNS::Subscription"
        Properties = {
          TopicArn = aws_sns_topic.pages.arn
          Protocol = "https"
          Endpoint = "{{resolve:secretsmanager:${var.pagerduty.secret_arn}:SecretString:${var.pagerduty.field}::${var.pagerduty.version_id}}}"

          # An hour, and not three attempts in a minute as by default.
          DeliveryPolicy = {
            healthyRetryPolicy = { numRetries = 70, numNoDelayRetries = 3, minDelayTarget = 5, maxDelayTarget = 60, backoffFunction = "exponential" }
          }
        }
      }
    }
  })

  depends_on = [aws_iam_role_policy.pagerduty]
}

resource "aws_iam_role" "pagerduty" {
  count = var.pagerduty == null ? 0 : 1

  name                 = "${var.name}-pagerduty"
  assume_role_policy   = data.aws_iam_policy_document.pagerduty_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "pagerduty_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["cloudformation.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "pagerduty" {
  count = var.pagerduty == null ? 0 : 1

  name   = "subscribe"
  role   = aws_iam_role.pagerduty[0].id
  policy = data.aws_iam_policy_document.pagerduty[0].json
}

data "aws_iam_policy_document" "pagerduty" {
  #checkov:skip=CKV_AWS_111:SNS knows no resource of an action on a subscription
  #checkov:skip=CKV_AWS_356:SNS knows no resource of an action on a subscription
  count = var.pagerduty == null ? 0 : 1

  statement {
    sid       = "Subscribe"
    actions   = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Subscribe"]
    resources = [aws_sns_topic.pages.arn]
  }

  statement {
    sid       = "Subscription"
    actions   = ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
    resources = ["*"]
  }

  statement {
    sid       = "Address"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.pagerduty.secret_arn]
  }

  statement {
    sid       = "DecryptAddress"
    actions   = ["kms:Decrypt"]
    resources = [var.pagerduty.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:SecretARN"
      values   = [var.pagerduty.secret_arn]
    }
  }
}
