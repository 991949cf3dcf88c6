data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  secondary = try(var.global.secondary, false)
  engine    = "aurora-postgresql"
}

resource "aws_rds_global_cluster" "this" {
  count = var.global != null && !local.secondary ? 1 : 0

  global_cluster_identifier = var.global.identifier
  engine                    = local.engine
  engine_version            = var.engine_version
  storage_encrypted         = true
  deletion_protection       = var.deletion_protection
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_rds_cluster_parameter_group" "this" {
  # The next one is made before this goes, and can't have its name.
  name_prefix = "${var.name}-postgresql15-"
  family      = "aurora-postgresql15"
  description = "TLS alone, and a log of who does what"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"            = "1"
      "ssl_min_protocol_version" = "TLSv1.2"
      "log_connections"          = "1"
      "log_disconnections"       = "1"
      "log_lock_waits"           = "1"
      "pgaudit.log"              = "ddl,role"
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  # Statements that change the schema, and those that take a second. Others may hold data of customers.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name         = "shared_preload_libraries"
    value        = "pg_stat_statements,pgaudit"
    apply_method = "pending-reboot"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# A snapshot's name is taken as long as the snapshot is kept: a second cluster of this name has another.
resource "terraform_data" "final_snapshot" {}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV2_AWS_8:the estate's backup plan finds the cluster by backup_tags; it is made in a module of its own
  cluster_identifier        = var.name
  engine                    = local.engine
  engine_version            = var.engine_version
  global_cluster_identifier = local.secondary ? var.global.identifier : one(aws_rds_global_cluster.this[*].id)

  database_name                   = local.secondary ? null : var.database_name
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = var.security_group_ids

  storage_encrypted = true
  kms_key_id        = var.kms_key_arn

  iam_database_authentication_enabled = true
  master_username                     = local.secondary ? null : local.master_username
  manage_master_user_password         = var.global == null ? true : null
  master_user_secret_kms_key_id       = var.global == null ? var.secrets_key_arn : null
  master_password_wo                  = local.own_password ? local.password : null
  master_password_wo_version          = local.own_password ? var.master_password_version : null

  backup_retention_period      = var.backup_retention_days
  preferred_backup_window      = var.backup_window
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = false
  final_snapshot_identifier    = "${var.name}-final-${substr(terraform_data.final_snapshot.id, 0, 8)}"

  enabled_cloudwatch_logs_exports = ["postgresql"]

  tags = merge(var.backup_tags, { Name = var.name })

  lifecycle {
    # Of a second region's cluster AWS sets it, and changes it when the regions change their roles.
    ignore_changes = [replication_source_identifier]
  }

  depends_on = [aws_cloudwatch_log_group.postgresql]
}

resource "aws_rds_cluster_instance" "this" {
  #checkov:skip=CKV_AWS_226:they do, but in a global database, whose regions must have the same minor version
  count = var.readers + 1

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.this.id
  # Without a version: AWS takes the cluster's, where "15" could mean a later one than the cluster has.
  engine         = aws_rds_cluster.this.engine
  instance_class = var.instance_class
  promotion_tier = min(count.index, 15)

  publicly_accessible        = false
  ca_cert_identifier         = "rds-ca-rsa2048-g1"
  auto_minor_version_upgrade = var.global == null
  copy_tags_to_snapshot      = true

  monitoring_interval = 30
  monitoring_role_arn = aws_iam_role.monitoring.arn

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = var.performance_insights_retention_days
}
