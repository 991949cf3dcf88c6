# GitHub's workflows sign in with a token that says which repository, and which environment or pull request, they are of. There is no
# static key. A pull request of a fork gets no token.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.existing_oidc_provider ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  github   = "token.actions.githubusercontent.com"
  provider = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.github}"

  subjects = merge(
    {
      plan  = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/main"]
      image = ["repo:${var.repository}:ref:refs/heads/main"]
    },
    { for name in var.environments : "deploy-${name}" => ["repo:${var.repository}:environment:${name}"] },
  )

  # An environment that GitHub doesn't know it makes, open to every branch, for the first workflow that names it: its name alone would let in whoever
  # can push a branch. STS asks for the branch itself in commercial regions; elsewhere GitHub's settings of the environment have to say it.
  branches = { for role, subjects in local.subjects : role => startswith(role, "deploy-") && local.partition == "aws" ? { "${local.github}:ref" = "refs/heads/main" } : {} }

  trust = { for role, subjects in local.subjects : role => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      # Equal, not like: no pattern could let a branch named after an environment in.
      Condition = { StringEquals = merge({ "${local.github}:aud" = "sts.amazonaws.com", "${local.github}:sub" = subjects }, local.branches[role]) }
    }]
  }) }
}

# Who opens a pull request chooses what runs with this role. So it reads states and what data sources ask for, and nothing of the estate
# itself: to read a resource as Terraform does would be to read secrets as well. The plan of a pull request is therefore one without refresh.
resource "aws_iam_role" "plan" {
  name                 = "tidewatch-ci-plan"
  description          = "terraform plan in pull requests of ${var.repository}"
  assume_role_policy   = local.trust["plan"]
  max_session_duration = 3600

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "plan" {
  name   = "plan"
  role   = aws_iam_role.plan.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.state_statements["plan"] })
}

# Brings images and their signatures, from the main branch alone.
resource "aws_iam_role" "image" {
  name                 = "tidewatch-ci-image"
  description          = "Images of ${var.repository}'s main branch"
  assume_role_policy   = local.trust["image"]
  max_session_duration = 3600

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "image" {
  name = "image"
  role = aws_iam_role.image.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "SignIn", Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
      {
        Sid = "Images", Effect = "Allow", Resource = "arn:${local.partition}:ecr:*:${local.account}:repository/tidewatch-*"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
        ]
      },
    ]
  })
}

resource "aws_iam_role" "deploy" {
  for_each = var.environments

  name                 = "tidewatch-ci-deploy-${each.key}"
  description          = "terraform apply and releases of ${each.key}, from GitHub's environment of that name"
  assume_role_policy   = local.trust["deploy-${each.key}"]
  permissions_boundary = aws_iam_policy.boundary.arn
  # A cluster, a database and a distribution take their time.
  max_session_duration = 7200

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "deploy" {
  for_each = var.environments

  name = "deploy"
  role = aws_iam_role.deploy[each.key].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.state_statements[each.key], local.deploy_statements[each.key])
  })
}
