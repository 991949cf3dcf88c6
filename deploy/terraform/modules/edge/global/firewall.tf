locals {
  # AWS's rules in the order in which they are asked. Those that look into bodies count and don't block: a body is telemetry, in
  # which an attack on somebody else is what we are there to report, and is larger than the 8 KB that a form may have.
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = { priority = 1, counted = [] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 2, counted = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"] }
    AWSManagedRulesCommonRuleSet = {
      priority = 3
      counted = [
        "SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY",
        # Firehose and agents name no browser.
        "NoUserAgent_HEADER",
      ]
    }
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWSManagedRulesKnownBadInputsRuleSet is among managed_rules, and blocks in headers, paths and queries
  name  = var.name
  scope = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "rate"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        limit                 = var.requests_per_5_minutes_max
        evaluation_window_sec = 300
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-rate"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        # Samples show headers, and keys are in headers.
        sampled_requests_enabled = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}

resource "aws_cloudwatch_log_group" "firewall" {
  # The service writes to groups of this prefix alone.
  name              = "aws-waf-logs-${var.name}"
  kms_key_id        = var.log_kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  dynamic "redacted_fields" {
    for_each = ["authorization", "x-amz-firehose-access-key", "cookie"]

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "requests" {
  name              = "/aws/cloudfront/${var.name}"
  kms_key_id        = var.log_kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_delivery_source" "requests" {
  name         = "${var.name}-requests"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "requests" {
  name          = "${var.name}-requests"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.requests.arn
  }
}

resource "aws_cloudwatch_log_delivery" "requests" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.requests.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.requests.arn
}
