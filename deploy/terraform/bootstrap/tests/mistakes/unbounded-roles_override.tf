# finds: a workflow can make a role that may do what it may not itself
resource "aws_iam_policy" "boundary" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Most", Effect = "Allow", Action = "*", Resource = "*" },
      {
        Sid      = "NotItsOwnWayIn", Effect = "Deny", Action = "iam:*"
        Resource = [local.provider, "arn:${local.partition}:iam::${local.account}:role/tidewatch-ci-*", "arn:${local.partition}:iam::${local.account}:policy/tidewatch-ci-*"]
      },
    ]
  })
}
