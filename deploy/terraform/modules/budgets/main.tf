# Three ways to hear of costs before the invoice: what is spent, what the month will come to, and what is unusual. All of them are late by up to a
# day, as AWS's costs are; none of them stops anything.

resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_unit   = "USD"
  limit_amount = tostring(var.monthly_usd)

  # Credits and refunds would hide what is spent until they are used up.
  cost_types {
    include_credit = false
    include_refund = false
  }

  dynamic "cost_filter" {
    for_each = var.tags

    content {
      name   = "TagKeyValue"
      values = [format("user:%s$%s", cost_filter.key, cost_filter.value)]
    }
  }

  dynamic "notification" {
    for_each = concat(
      [for percent in var.actual_percent : { type = "ACTUAL", percent = percent }],
      [for percent in var.forecast_percent : { type = "FORECASTED", percent = percent }],
    )

    content {
      notification_type          = notification.value.type
      comparison_operator        = "GREATER_THAN"
      threshold_type             = "PERCENTAGE"
      threshold                  = notification.value.percent
      subscriber_email_addresses = var.emails
      subscriber_sns_topic_arns  = [var.topic_arn]
    }
  }
}

# In the management account alone, where the tags of all accounts are activated.
resource "aws_ce_cost_allocation_tag" "this" {
  for_each = var.activate_tags

  tag_key = each.key
  status  = "Active"
}
