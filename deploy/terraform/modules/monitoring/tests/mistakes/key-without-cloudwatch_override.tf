# finds: CloudWatch may not use the topic's key
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "AccountServices"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account_id}:key/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}
