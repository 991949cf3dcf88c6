# finds: nobody hears of what is spent, or of what the month will come to
resource "aws_budgets_budget" "monthly" {
  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold_type             = "PERCENTAGE"
    threshold                  = 100
    subscriber_email_addresses = var.emails
    subscriber_sns_topic_arns  = [var.topic_arn]
  }
}
