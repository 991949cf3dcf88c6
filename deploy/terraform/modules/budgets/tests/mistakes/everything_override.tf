# finds: the budget counts the costs of other environments
resource "aws_budgets_budget" "monthly" {
  cost_filter {
    name   = "TagKeyValue"
    values = ["user:Project$tidewatch"]
  }
}
