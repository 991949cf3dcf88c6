# finds: that Tidewatch says nothing at all does not page
resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  treat_missing_data = "notBreaching"
}
