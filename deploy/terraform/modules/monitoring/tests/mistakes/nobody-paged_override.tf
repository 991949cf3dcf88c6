# finds: heartbeat or lag pages nobody
resource "aws_cloudwatch_composite_alarm" "blind" {
  alarm_rule = "ALARM(\"${aws_cloudwatch_metric_alarm.heartbeat.alarm_name}\") AND ALARM(\"${aws_cloudwatch_metric_alarm.lag.alarm_name}\")"
}
