# finds: a region of which nothing is known counts as healthy
resource "aws_cloudwatch_metric_alarm" "no_healthy_target" {
  treat_missing_data = "notBreaching"
}
