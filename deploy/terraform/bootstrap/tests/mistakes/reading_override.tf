# finds: a pull request can do more than read states
resource "aws_iam_role_policy" "plan" {
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.state_statements["plan"], [{ Sid = "Read", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "*" }]) })
}
