resource "aws_ce_anomaly_monitor" "this" {
  count = var.anomalies.enabled ? 1 : 0

  name              = var.name
  monitor_type      = var.anomalies.tag == null ? "DIMENSIONAL" : "CUSTOM"
  monitor_dimension = var.anomalies.tag == null ? "SERVICE" : null

  # With the nulls that AWS gives back, or each plan would make it anew.
  monitor_specification = var.anomalies.tag == null ? null : jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = var.anomalies.tag.key, MatchOptions = null, Values = [var.anomalies.tag.value] }
  })
}

locals {
  # AWS tells topics at once and emails by the day, and neither the other way.
  anomaly_subscriptions = {
    topic  = { frequency = "IMMEDIATE", type = "SNS", addresses = [var.topic_arn] }
    emails = { frequency = "DAILY", type = "EMAIL", addresses = sort(var.emails) }
  }
}

resource "aws_ce_anomaly_subscription" "this" {
  for_each = { for kind, subscription in local.anomaly_subscriptions : kind => subscription if length(subscription.addresses) > 0 && var.anomalies.enabled }

  name             = "${var.name}-${each.key}"
  frequency        = each.value.frequency
  monitor_arn_list = [aws_ce_anomaly_monitor.this[0].arn]

  dynamic "subscriber" {
    for_each = each.value.addresses

    content {
      type    = each.value.type
      address = subscriber.value
    }
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.anomalies.impact_usd_min)]
    }
  }
}
