data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  # Who takes each role, and for whom alone.
  roles = {
    task      = { service = "ecs-tasks", what = "What the consumer may do in AWS" }
    execution = { service = "ecs-tasks", what = "Pulls the image, reads the secrets, writes logs, before and beside the consumer" }
    deploy    = { service = "codedeploy", what = "Starts green, moves the listeners, ends blue" }
  }

  secret_arns = distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7))])
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = "${var.name}-ecs-${each.key}"
  description          = each.value.what
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "${each.value.service}.amazonaws.com" }
      # So that nobody in another account can use it by way of the service.
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_policy_arns

  role       = aws_iam_role.this["task"].name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "execution" {
  name = "execution"
  role = aws_iam_role.this["execution"].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for statement in [
      { Sid = "SignIn", Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      { Sid = "Pull", Effect = "Allow", Action = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource = var.repository_arns },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.this.arn}:*" },
      { Sid = "Secrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = local.secret_arns },
      { Sid = "Decrypt", Effect = "Allow", Action = "kms:Decrypt", Resource = var.secrets_key_arn,
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${data.aws_region.current.name}.amazonaws.com" } } },
    ] : statement if length(local.secret_arns) > 0 || !contains(["Secrets", "Decrypt"], statement.Sid)]
  })
}

# AWS' own policy for this reads every bucket and calls every function. What is left out here: there are no hooks, and the appspec comes
# with the deployment.
resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = aws_iam_role.this["deploy"].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Service", Effect = "Allow", Action = ["ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet", "ecs:DeleteTaskSet"],
        Resource = [
          "arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:service/${var.name}/tidewatch",
          "arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:task-set/${var.name}/tidewatch/*",
      ] },
      # These know no resource.
      { Sid = "Look", Effect = "Allow", Action = ["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"], Resource = "*" },
      { Sid = "Alarms", Effect = "Allow", Action = "cloudwatch:DescribeAlarms", Resource = "arn:${data.aws_partition.current.partition}:cloudwatch:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:alarm:*" },
      { Sid = "Shift", Effect = "Allow", Action = ["elasticloadbalancing:ModifyListener"], Resource = [for listener in aws_lb_listener.this : listener.arn] },
      { Sid = "PassRoles", Effect = "Allow", Action = "iam:PassRole", Resource = [aws_iam_role.this["task"].arn, aws_iam_role.this["execution"].arn],
      Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } } },
    ]
  })
}
