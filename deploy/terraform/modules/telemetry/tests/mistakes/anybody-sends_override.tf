# finds: any bucket of any account can send to the queue
data "aws_iam_policy_document" "objects" {
  statement {
    sid       = "Bucket"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.objects.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}
