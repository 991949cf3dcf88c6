# What MSK Replicator asks of the cluster that it reads.
data "aws_iam_policy_document" "replicator" {
  count = var.replication_source && !var.serverless ? 1 : 0

  statement {
    sid       = "Replicator"
    actions   = ["kafka:CreateVpcConnection", "kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"]
    resources = [aws_msk_cluster.this[0].arn]
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

resource "aws_msk_cluster_policy" "replicator" {
  count = var.replication_source && !var.serverless ? 1 : 0

  cluster_arn = aws_msk_cluster.this[0].arn
  policy      = data.aws_iam_policy_document.replicator[0].json
}
