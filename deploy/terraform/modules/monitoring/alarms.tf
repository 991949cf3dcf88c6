locals {
  cluster_is = "\"Cluster Name\" = '${var.kafka.cluster_name}'"
  group_is   = "(${join(" OR ", [for group in sort(var.kafka.consumer_groups) : "\"Consumer Group\" = '${group}'"])})"

  heartbeat_query = "SELECT SUM(BytesInPerSec) FROM \"AWS/Kafka\" WHERE ${local.cluster_is} AND Topic = '${var.kafka.registers_topic}'"
  lag_query       = "SELECT MAX(EstimatedMaxTimeLag) FROM \"AWS/Kafka\" WHERE ${local.cluster_is} AND ${local.group_is}"
}

# MSK has a topic's bytes by broker, and serverless without one: the query takes both.
resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  alarm_name          = "${var.name}-heartbeat"
  alarm_description   = "Nobody counts: for ${var.kafka.silence_seconds_max} s no byte has come to ${var.kafka.registers_topic}, to which a consumer writes every few seconds."
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 0
  evaluation_periods  = var.kafka.silence_seconds_max / 60
  treat_missing_data  = "breaching"

  metric_query {
    id          = "heartbeat"
    expression  = local.heartbeat_query
    label       = "bytes/s to ${var.kafka.registers_topic}"
    period      = 60
    return_data = true
  }
}

# MSK has no lag of a group while it rebalances; the alarm keeps its state then. One that has gone altogether is the heartbeat's.
resource "aws_cloudwatch_metric_alarm" "lag" {
  alarm_name          = "${var.name}-lag"
  alarm_description   = "Alerts are late: ${join(" or ", sort(var.kafka.consumer_groups))} has been more than ${var.kafka.lag_seconds_max} s behind for five minutes."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.kafka.lag_seconds_max
  evaluation_periods  = 5
  treat_missing_data  = "ignore"

  metric_query {
    id          = "lag"
    expression  = local.lag_query
    label       = "seconds behind"
    period      = 60
    return_data = true
  }
}

resource "aws_cloudwatch_composite_alarm" "blind" {
  alarm_name        = "${var.name}-blind"
  alarm_description = "${var.name} sees too little or too late. See the dashboard ${aws_cloudwatch_dashboard.this.dashboard_name}, and the runbooks."
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.heartbeat.alarm_name}\") OR ALARM(\"${aws_cloudwatch_metric_alarm.lag.alarm_name}\")"
  alarm_actions     = [aws_sns_topic.pages.arn]
  ok_actions        = [aws_sns_topic.pages.arn]
}

# SQS sends no metric of a queue that has been empty for hours: none is good.
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = var.dead_letter_queue_names

  alarm_name          = "${var.name}-dead-letters-${each.key}"
  alarm_description   = "Messages that nobody could use lie in ${each.key}. Look at one, mend the cause, and have them sent again by a redrive."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.key }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.pages.arn]
  ok_actions          = [aws_sns_topic.pages.arn]
}
