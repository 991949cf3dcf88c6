# By the service-linked role, which Security Hub asks for (Config.1), and without a topic: Config publishes to no encrypted one.
resource "aws_iam_service_linked_role" "config" {
  count = var.enabled.config && var.global_region && try(var.config.make_role, false) ? 1 : 0

  aws_service_name = "config.amazonaws.com"
}

resource "aws_config_configuration_recorder" "this" {
  count = var.enabled.config ? 1 : 0

  name     = var.name
  role_arn = "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"

  recording_group {
    all_supported                 = true
    include_global_resource_types = var.global_region
  }

  depends_on = [aws_iam_service_linked_role.config]
}

resource "aws_config_delivery_channel" "this" {
  count = var.enabled.config ? 1 : 0

  name           = var.name
  s3_bucket_name = var.config.bucket_name
  s3_key_prefix  = var.config.prefix
  s3_kms_key_arn = var.config.key_arn

  snapshot_delivery_properties {
    delivery_frequency = "TwentyFour_Hours"
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = var.enabled.config ? 1 : 0

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_retention_configuration" "this" {
  count = var.enabled.config ? 1 : 0

  retention_period_in_days = var.config.retention_days

  depends_on = [aws_config_configuration_recorder.this]
}
