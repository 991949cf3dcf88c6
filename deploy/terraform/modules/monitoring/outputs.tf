output "topic_arn" {
  description = "ARN of the topic that pages."
  value       = aws_sns_topic.pages.arn

  # Who is told to publish tries it, and is refused until the policy is there.
  depends_on = [aws_sns_topic_policy.pages]
}

output "key_arn" {
  description = "ARN of the topic's key, for who publishes by a policy of IAM."
  value       = aws_kms_key.pages.arn
}

output "alarm_names" {
  description = "Names of the alarms: blind (lag or heartbeat), lag, heartbeat, and one for each dead letter queue."
  value = merge({
    blind     = aws_cloudwatch_composite_alarm.blind.alarm_name
    lag       = aws_cloudwatch_metric_alarm.lag.alarm_name
    heartbeat = aws_cloudwatch_metric_alarm.heartbeat.alarm_name
  }, { for queue, alarm in aws_cloudwatch_metric_alarm.dead_letters : queue => alarm.alarm_name })
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
