# Pulling and nothing else for what runs images; pushing for who builds them.

locals {
  pulling = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
  # Replication isn't among them: AWS copies in its own name.
  changing = [
    "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage", "ecr:BatchDeleteImage", "ecr:PutImageTagMutability",
  ]

  statements = concat(
    length(var.pull_principal_arns) == 0 ? [] : [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = var.pull_principal_arns }
      Action    = local.pulling
    }],
    # By a condition and not by NotPrincipal, which would have to name each session as well.
    length(var.push_principal_arns) == 0 ? [] : [{
      Sid       = "PushByNobodyElse"
      Effect    = "Deny"
      Principal = "*"
      Action    = local.changing
      Condition = { ArnNotLike = { "aws:PrincipalArn" = var.push_principal_arns } }
    }],
  )
}

resource "aws_ecr_repository_policy" "this" {
  for_each = length(local.statements) == 0 ? [] : var.repositories

  repository = aws_ecr_repository.this[each.key].name
  policy     = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_iam_policy" "pull" {
  name        = "${var.name}-images-pull"
  description = "Pulls Tidewatch's images, and pushes none"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Of a whole registry, whichever the repository.
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = local.pulling
        Resource = [for repository in aws_ecr_repository.this : repository.arn]
      },
    ]
  })
}
