locals {
  rules = merge(
    { for name, event in local.aws_events : name => {
      description = event.description
      pattern     = jsonencode(event.pattern)
      topic       = event.topic
      bus         = "default"
    } },
    { own = {
      description = "What Tidewatch and its deployments say"
      pattern     = jsonencode({ account = [local.account_id] })
      topic       = "changes"
      bus         = aws_cloudwatch_event_bus.this.name
    } },
    { for name, rule in var.rules : name => {
      description = rule.description
      pattern     = rule.pattern
      topic       = rule.topic
      bus         = rule.bus == "own" ? aws_cloudwatch_event_bus.this.name : "default"
    } },
  )
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name           = "${var.name}-${each.key}"
  description    = each.value.description
  event_bus_name = each.value.bus
  event_pattern  = each.value.pattern
}

# By the topic's policy and not by a role: AWS says that with a role deliveries to encrypted topics may fail.
resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  event_bus_name = each.value.bus
  target_id      = each.value.topic
  arn            = aws_sns_topic.this[each.value.topic].arn

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  # An hour, and not a day as by default: what is older than that explains nothing, and the archive has it.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 185
  }
}
