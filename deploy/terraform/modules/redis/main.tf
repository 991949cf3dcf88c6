resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

locals {
  family = "redis7"
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-${local.family}"
  family      = local.family
  description = "What is removed where memory is full, and what counts as slow"

  parameter {
    name  = "maxmemory-policy"
    value = var.maxmemory_policy
  }

  # 10 ms, in microseconds; the log has the newest of them.
  parameter {
    name  = "slowlog-log-slower-than"
    value = "10000"
  }

  parameter {
    name  = "slowlog-max-len"
    value = "512"
  }

  lifecycle {
    # Of another family it has another name. Another description would want a new one of the same name, made before this goes.
    create_before_destroy = true
    ignore_changes        = [description]
  }
}

# A snapshot's name is taken as long as the snapshot is kept: a second group of this name has another.
resource "terraform_data" "final_snapshot" {}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_31:users sign in by IAM (users.tf); an AUTH token would be one password for all of them
  #checkov:skip=CKV2_AWS_50:it is set wherever there is a replica, as there is by default
  replication_group_id = var.name
  description          = "Redis of ${var.name}"

  engine               = "redis"
  engine_version       = var.engine_version
  node_type            = var.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name
  port                 = 6379

  num_cache_clusters         = var.replicas + 1
  automatic_failover_enabled = var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = var.security_group_ids

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.id]

  snapshot_retention_limit  = var.snapshot_retention_days
  snapshot_window           = var.snapshot_window
  final_snapshot_identifier = "${var.name}-final-${substr(terraform_data.final_snapshot.id, 0, 8)}"

  maintenance_window         = var.maintenance_window
  auto_minor_version_upgrade = true

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.this
    content {
      log_type         = log_delivery_configuration.key
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = log_delivery_configuration.value.name
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["slow-log", "engine-log"])

  name              = "/aws/elasticache/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}
