# finds: the history of resources is not kept for seven years
resource "aws_config_retention_configuration" "this" {
  retention_period_in_days = 365
}
