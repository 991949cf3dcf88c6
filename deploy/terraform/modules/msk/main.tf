data "aws_caller_identity" "this" {}

locals {
  brokers  = length(var.subnet_ids) * var.brokers_per_zone
  replicas = min(3, local.brokers)

  server_properties = {
    # A topic that a typing error makes would have the wrong number of partitions, and Tidewatch makes its own or finds them there.
    "auto.create.topics.enable"  = false
    "default.replication.factor" = local.replicas
    # What is acknowledged is on two brokers where there are three; with two, one may be away.
    "min.insync.replicas" = max(1, local.replicas - 1)
    # A replica that lags must not lead: it would forget records that are counted already.
    "unclean.leader.election.enable" = false
    "num.partitions"                 = 12
    "log.retention.hours"            = 168
    # Longer than any topic of inputs is kept, so that a group that was away finds its place.
    "offsets.retention.minutes"      = 43200
    "allow.everyone.if.no.acl.found" = !var.acls_required
    # message.timestamp.type is left to topics: tidewatch.registers has times of the broker's, inputs those of their producers.
  }
}

resource "aws_msk_configuration" "this" {
  count = var.serverless ? 0 : 1

  # Versions of Kafka are not named: a configuration holds for all, and a change of it would be another configuration.
  name              = var.name
  description       = "What Tidewatch asks of its brokers"
  server_properties = join("\n", [for key, value in local.server_properties : "${key}=${value}"])

  # The cluster must have moved to the new one before this is deleted.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_msk_cluster" "this" {
  count = var.serverless ? 0 : 1

  cluster_name           = var.name
  kafka_version          = var.kafka_version
  number_of_broker_nodes = local.brokers
  enhanced_monitoring    = var.enhanced_monitoring

  broker_node_group_info {
    instance_type   = var.instance_type
    client_subnets  = var.subnet_ids
    security_groups = var.security_group_ids

    storage_info {
      ebs_storage_info {
        volume_size = var.volume_size_gb
      }
    }

    connectivity_info {
      public_access {
        type = "DISABLED"
      }

      dynamic "vpc_connectivity" {
        for_each = var.replication_source ? ["iam"] : []
        content {
          client_authentication {
            sasl {
              iam = true
            }
          }
        }
      }
    }
  }

  client_authentication {
    unauthenticated = false

    sasl {
      iam   = true
      scram = true
    }

    dynamic "tls" {
      for_each = length(var.client_ca_arns) > 0 ? [var.client_ca_arns] : []
      content {
        certificate_authority_arns = tls.value
      }
    }
  }

  encryption_info {
    encryption_at_rest_kms_key_arn = var.kms_key_arn

    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }

  configuration_info {
    arn      = aws_msk_configuration.this[0].arn
    revision = aws_msk_configuration.this[0].latest_revision
  }

  open_monitoring {
    prometheus {
      jmx_exporter {
        enabled_in_broker = true
      }
      node_exporter {
        enabled_in_broker = true
      }
    }
  }

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.brokers[0].name
      }
      s3 {
        enabled = true
        bucket  = var.log_bucket_name
        prefix  = "msk/${var.name}/"
      }
    }
  }

  lifecycle {
    # Volumes grow by themselves: storage.tf.
    ignore_changes = [broker_node_group_info[0].storage_info[0].ebs_storage_info[0].volume_size]

    precondition {
      condition     = !(var.replication_source && startswith(var.instance_type, "kafka.t3."))
      error_message = "replication_source wants larger brokers: t3 has no multi-VPC connectivity."
    }

    precondition {
      condition     = !(var.replication_source && local.brokers < 3)
      error_message = "replication_source wants three brokers at least: MSK Replicator reads no smaller cluster."
    }
  }
}

resource "aws_cloudwatch_log_group" "brokers" {
  count = var.serverless ? 0 : 1

  name              = "/aws/msk/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}
