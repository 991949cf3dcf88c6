mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ce_anomaly_monitor" {
    defaults = { arn = "arn:aws:ce::123456789012:anomalymonitor/11111111-1111-1111-1111-111111111111" }
  }
}

variables {
  name        = "tidewatch-test"
  monthly_usd = 2500
  tags        = { Environment = "test" }
  emails      = ["costs@example.com"]
  topic_arn   = "arn:aws:sns:us-east-1:123456789012:tidewatch-test-pages"
}

run "budget" {
  command = plan

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "2500" && aws_budgets_budget.monthly.limit_unit == "USD" && aws_budgets_budget.monthly.time_unit == "MONTHLY"
    error_message = "the budget is of another amount or time"
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).name == "TagKeyValue" && one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:Environment$test"])
    error_message = "the budget counts the costs of other environments"
  }
  assert {
    condition     = toset([for notification in aws_budgets_budget.monthly.notification : notification.threshold if notification.notification_type == "ACTUAL"]) == toset([50, 80, 100]) && [for notification in aws_budgets_budget.monthly.notification : notification.threshold if notification.notification_type == "FORECASTED"] == [100]
    error_message = "nobody hears of what is spent, or of what the month will come to"
  }
  assert {
    condition     = alltrue([for notification in aws_budgets_budget.monthly.notification : notification.subscriber_email_addresses == toset(["costs@example.com"]) && notification.subscriber_sns_topic_arns == toset([var.topic_arn]) && notification.threshold_type == "PERCENTAGE"])
    error_message = "a threshold is passed and somebody who should be told is not"
  }
  assert {
    condition     = !aws_budgets_budget.monthly.cost_types[0].include_credit && !aws_budgets_budget.monthly.cost_types[0].include_refund
    error_message = "credits hide what is spent"
  }
  assert {
    condition     = length(aws_ce_cost_allocation_tag.this) == 0
    error_message = "tags are activated outside of the management account, which AWS refuses"
  }
}

run "anomalies" {
  command = plan

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "DIMENSIONAL" && aws_ce_anomaly_monitor.this[0].monitor_dimension == "SERVICE"
    error_message = "what is unusual in a service's costs is not seen"
  }
  assert {
    condition     = aws_ce_anomaly_subscription.this["topic"].frequency == "IMMEDIATE" && one(aws_ce_anomaly_subscription.this["topic"].subscriber) == { type = "SNS", address = var.topic_arn }
    error_message = "the topic is told by the day, which AWS does not do"
  }
  assert {
    condition     = aws_ce_anomaly_subscription.this["emails"].frequency == "DAILY" && one(aws_ce_anomaly_subscription.this["emails"].subscriber) == { type = "EMAIL", address = "costs@example.com" }
    error_message = "emails are sent at once, which AWS does not do"
  }
  assert {
    condition     = alltrue([for subscription in aws_ce_anomaly_subscription.this : subscription.threshold_expression[0].dimension[0].values == toset(["100"]) && subscription.threshold_expression[0].dimension[0].key == "ANOMALY_TOTAL_IMPACT_ABSOLUTE"])
    error_message = "every trifle is told, or nothing is"
  }
}

run "anomalies_of_a_tag" {
  command = plan

  variables {
    emails    = []
    anomalies = { tag = { key = "Environment", value = "test" } }
  }

  assert {
    condition     = aws_ce_anomaly_monitor.this[0].monitor_type == "CUSTOM" && jsondecode(aws_ce_anomaly_monitor.this[0].monitor_specification).Tags.Key == "Environment" && jsondecode(aws_ce_anomaly_monitor.this[0].monitor_specification).Tags.Values == ["test"]
    error_message = "anomalies are of other costs than those with the tag"
  }
  assert {
    condition     = keys(aws_ce_anomaly_subscription.this) == ["topic"]
    error_message = "there is a subscription without a subscriber"
  }
}

run "management_account" {
  command = plan

  variables {
    tags          = {}
    anomalies     = { enabled = false }
    activate_tags = ["Project", "Environment", "Owner", "CostCenter", "ManagedBy"]
  }

  assert {
    condition     = length(aws_ce_cost_allocation_tag.this) == 5 && alltrue([for tag in aws_ce_cost_allocation_tag.this : tag.status == "Active"])
    error_message = "a tag of the estate is not there to tell costs apart by"
  }
  assert {
    condition     = length(aws_ce_anomaly_monitor.this) == 0 && length(aws_ce_anomaly_subscription.this) == 0 && length(aws_budgets_budget.monthly.cost_filter) == 0
    error_message = "what is switched off is there, or the budget of the account is of one tag"
  }
}

run "refuses_two_tags" {
  command = plan

  variables {
    tags = { Project = "tidewatch", Environment = "test" }
  }

  expect_failures = [var.tags]
}

run "refuses_more_thresholds_than_aws_takes" {
  command = plan

  variables {
    forecast_percent = [90, 100, 110]
  }

  expect_failures = [var.forecast_percent]
}
