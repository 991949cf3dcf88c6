# finds: Firehose may write elsewhere in the bucket
data "aws_iam_policy_document" "firehose" {
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${var.logs_bucket_arn}/*"]
  }
}
