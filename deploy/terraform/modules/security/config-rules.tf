# Few, because Security Hub's standards bring hundreds of their own: what those don't ask for (tags, ports, backups, TLS in Kafka), and what has to
# hold where Security Hub is off.
locals {
  config_rules = {
    tags               = { identifier = "REQUIRED_TAGS", parameters = { tag1Key = "Project", tag2Key = "Environment", tag3Key = "Owner", tag4Key = "CostCenter", tag5Key = "ManagedBy" } }
    open-ports         = { identifier = "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS", parameters = { authorizedTcpPorts = "443" } }
    database-backed-up = { identifier = "AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN", parameters = {} }
    database-encrypted = { identifier = "RDS_STORAGE_ENCRYPTED", parameters = {} }
    kafka-tls          = { identifier = "MSK_IN_CLUSTER_NODE_REQUIRE_TLS", parameters = {} }
    buckets-private    = { identifier = "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", parameters = {} }
    volumes-encrypted  = { identifier = "ENCRYPTED_VOLUMES", parameters = {} }
    secrets-encrypted  = { identifier = "EKS_SECRETS_ENCRYPTED", parameters = {} }
    keys-rotated       = { identifier = "CMK_BACKING_KEY_ROTATION_ENABLED", parameters = {} }
    trail-signed       = { identifier = "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", parameters = {} }
    root-mfa           = { identifier = "ROOT_ACCOUNT_MFA_ENABLED", parameters = {} }
  }
}

resource "aws_config_config_rule" "this" {
  for_each = { for name, rule in try(coalesce(var.config.rules, local.config_rules), local.config_rules) : name => rule if var.enabled.config }

  name             = "${var.name}-${each.key}"
  input_parameters = length(each.value.parameters) > 0 ? jsonencode(each.value.parameters) : null

  source {
    owner             = "AWS"
    source_identifier = each.value.identifier
  }

  depends_on = [aws_config_configuration_recorder_status.this]
}
