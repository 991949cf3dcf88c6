# Copies inputs from the first region's cluster. It lives with the cluster that it writes to, signs in to both by IAM, and delivers each
# record once or more.
resource "aws_msk_replicator" "this" {
  count = var.replicate_from == null ? 0 : 1

  replicator_name            = var.name
  description                = "Inputs of the first region"
  service_execution_role_arn = aws_iam_role.replicator[0].arn

  kafka_cluster {
    amazon_msk_cluster {
      msk_cluster_arn = var.replicate_from.cluster_arn
    }
    vpc_config {
      subnet_ids          = var.replicate_from.subnet_ids
      security_groups_ids = var.replicate_from.security_group_ids
    }
  }

  kafka_cluster {
    amazon_msk_cluster {
      msk_cluster_arn = aws_msk_cluster.this[0].arn
    }
    vpc_config {
      subnet_ids          = var.subnet_ids
      security_groups_ids = var.security_group_ids
    }
  }

  replication_info_list {
    source_kafka_cluster_arn = var.replicate_from.cluster_arn
    target_kafka_cluster_arn = aws_msk_cluster.this[0].arn
    target_compression_type  = "NONE"

    topic_replication {
      topics_to_replicate                  = var.replicate_from.topics
      detect_and_copy_new_topics           = true
      copy_topic_configurations            = true
      copy_access_control_lists_for_topics = false

      # The second region's consumer reads the same topics by the same settings.
      topic_name_configuration {
        type = "IDENTICAL"
      }
      starting_position {
        type = "EARLIEST"
      }
    }

    # Tidewatch's groups find their place from their own topics, and would be sent to records that they have not seen.
    consumer_group_replication {
      consumer_groups_to_replicate = [".*"]
      consumer_groups_to_exclude   = ["tidewatch.*"]
    }
  }

  depends_on = [aws_iam_role_policy.replicator]
}

data "aws_iam_policy_document" "replicator_trust" {
  count = var.replicate_from == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["kafka.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role" "replicator" {
  count = var.replicate_from == null ? 0 : 1

  name                 = "${var.name}-replicator"
  assume_role_policy   = data.aws_iam_policy_document.replicator_trust[0].json
  permissions_boundary = var.permissions_boundary_arn
}

# Of a cluster's ARN those of its topics and groups are made: …:cluster/NAME/ID, …:topic/NAME/ID/TOPIC.
data "aws_iam_policy_document" "replicator_access" {
  count = var.replicate_from == null ? 0 : 1

  statement {
    sid = "ReadTheFirst"
    actions = [
      "kafka-cluster:Connect", "kafka-cluster:DescribeCluster",
      "kafka-cluster:DescribeTopic", "kafka-cluster:DescribeTopicDynamicConfiguration", "kafka-cluster:ReadData",
      "kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup",
    ]
    resources = [for kind in ["cluster", "topic", "group"] : "${replace(var.replicate_from.cluster_arn, ":cluster/", ":${kind}/")}${kind == "cluster" ? "" : "/*"}"]
  }

  statement {
    sid = "WriteTheSecond"
    actions = [
      "kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:AlterCluster", "kafka-cluster:WriteDataIdempotently",
      "kafka-cluster:DescribeTopic", "kafka-cluster:CreateTopic", "kafka-cluster:AlterTopic", "kafka-cluster:ReadData", "kafka-cluster:WriteData",
      "kafka-cluster:DescribeTopicDynamicConfiguration", "kafka-cluster:AlterTopicDynamicConfiguration",
      "kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup",
    ]
    resources = [for kind in ["cluster", "topic", "group"] : "${replace(aws_msk_cluster.this[0].arn, ":cluster/", ":${kind}/")}${kind == "cluster" ? "" : "/*"}"]
  }
}

resource "aws_iam_role_policy" "replicator" {
  count = var.replicate_from == null ? 0 : 1

  name   = "both-clusters"
  role   = aws_iam_role.replicator[0].name
  policy = data.aws_iam_policy_document.replicator_access[0].json
}
