# finds: the instance may read or write more than its own secret, certificate and log
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Password"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]
  }
}
