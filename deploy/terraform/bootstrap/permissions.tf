locals {
  # The state of each environment is its own: prod's workflow can't read staging's, and a plan writes none.
  state_statements = merge(
    { for name in var.environments : name => [
      { Sid = "ListState", Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.state.arn, Condition = { StringLike = { "s3:prefix" = ["${name}/*"] } } },
      { Sid = "State", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${aws_s3_bucket.state.arn}/${name}/terraform.tfstate"] },
      { Sid = "Lock", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = ["${aws_s3_bucket.state.arn}/${name}/terraform.tfstate.tflock"] },
      { Sid = "StateKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.state.arn },
    ] },
    { plan = [
      # Of the whole bucket: without, S3 says "forbidden" and not "not found" of a state that isn't there yet.
      { Sid = "ListState", Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.state.arn },
      { Sid = "State", Effect = "Allow", Action = "s3:GetObject", Resource = [for name in sort(var.environments) : "${aws_s3_bucket.state.arn}/${name}/terraform.tfstate"] },
      { Sid = "StateKey", Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.state.arn },
      # Data sources: CloudFront's and S3's addresses, and the newest image of Ubuntu.
      { Sid = "Addresses", Effect = "Allow", Action = ["ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries"], Resource = "*" },
      { Sid = "PublicParameters", Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:${local.partition}:ssm:*::parameter/aws/service/*" },
    ] },
  )

  # The services of deploy/terraform/modules and deploy/cdk, and no others.
  services = [
    "acm", "access-analyzer", "apigateway", "application-autoscaling", "autoscaling", "backup", "backup-storage", "budgets", "ce", "cloudformation",
    "cloudfront", "cloudtrail", "cloudwatch", "codedeploy", "config", "ec2", "ecr", "ecs", "eks", "elasticache", "elasticloadbalancing",
    "events", "firehose", "guardduty", "inspector2", "kafka", "kms", "lambda", "logs", "rds", "route53", "s3", "secretsmanager", "securityhub",
    "sns", "sqs", "ssm", "tag", "wafv2", "xray",
  ]

  deploy_statements = { for name in var.environments : name => [
    {
      Sid      = "OtherStates", Effect = "Deny", Action = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
      Resource = [for other in sort(setunion(setsubtract(var.environments, [name]), ["bootstrap"])) : "${aws_s3_bucket.state.arn}/${other}/*"]
    },
    { Sid = "Services", Effect = "Allow", Action = [for service in local.services : "${service}:*"], Resource = "*" },
    # Names tell whose a role is. The boundary below keeps these away, and has each role that is made here bear it as well.
    {
      Sid = "Roles", Effect = "Allow"
      Action = [
        "iam:*Role", "iam:*RolePolicy", "iam:*RolePolicies", "iam:*RoleTags", "iam:*RoleDescription", "iam:UpdateAssumeRolePolicy", "iam:PutRolePermissionsBoundary", "iam:ListInstanceProfilesForRole",
        "iam:CreatePolicy*", "iam:DeletePolicy*", "iam:GetPolicy*", "iam:ListPolicyVersions", "iam:ListPolicyTags", "iam:ListEntitiesForPolicy",
        "iam:SetDefaultPolicyVersion", "iam:TagPolicy", "iam:UntagPolicy", "iam:*InstanceProfile*",
      ]
      Resource = [for kind in ["role", "policy", "instance-profile"] : "arn:${local.partition}:iam::${local.account}:${kind}/tidewatch-${name}-*"]
    },
    {
      Sid      = "Clusters", Effect = "Allow", Action = ["iam:*OpenIDConnectProvider*"]
      Resource = "arn:${local.partition}:iam::${local.account}:oidc-provider/oidc.eks.*"
    },
    {
      # Config's is made, tagged, and given to its recorder by Terraform. None of them serves anyone but its own service.
      Sid = "AwsOwnRoles", Effect = "Allow"
      Action = [
        "iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus", "iam:GetRole", "iam:ListRoleTags",
        "iam:TagRole", "iam:UntagRole", "iam:PassRole",
      ]
      Resource = "arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"
    },
    { Sid = "Look", Effect = "Allow", Action = ["iam:ListRoles", "iam:ListPolicies", "iam:ListOpenIDConnectProviders", "sts:GetCallerIdentity", "organizations:DescribeOrganization"], Resource = "*" },
    # CDK's own roles, by which it deploys: bootstrapped under the boundary (deploy/cdk/README.md), or they could be given the account.
    { Sid = "Cdk", Effect = "Allow", Action = ["sts:AssumeRole"], Resource = "arn:${local.partition}:iam::${local.account}:role/cdk-*" },
  ] }
}

# What no deploy role may do, and no role that it makes: it makes none without this boundary, and takes it off none. So nobody gets out of it by a
# role of his own making: no user, no key, no workflow's role, no state of another environment, no end of the trail. What is left is the services
# above on all of the account's resources: who may deploy one environment of an account may reach the data of the others. Give prod its own.
resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV_AWS_286:a boundary gives nothing: it is the most that the role's own policy can give
  #checkov:skip=CKV_AWS_287:a boundary gives nothing
  #checkov:skip=CKV_AWS_288:a boundary gives nothing
  #checkov:skip=CKV_AWS_289:a boundary gives nothing
  #checkov:skip=CKV_AWS_290:a boundary gives nothing
  #checkov:skip=CKV_AWS_355:a boundary gives nothing
  #checkov:skip=CKV_AWS_62:a boundary gives nothing
  #checkov:skip=CKV_AWS_63:a boundary gives nothing
  #checkov:skip=CKV2_AWS_40:a boundary gives nothing
  name        = local.boundary
  description = "The most that roles of workflows can do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Most", Effect = "Allow", Action = "*", Resource = "*" },
      {
        Sid      = "NotItsOwnWayIn", Effect = "Deny", Action = "iam:*"
        Resource = [local.provider, "arn:${local.partition}:iam::${local.account}:role/tidewatch-ci-*", "arn:${local.partition}:iam::${local.account}:policy/tidewatch-ci-*"]
      },
      {
        # Of the role that is made or given a policy. AWS knows no such condition of UpdateAssumeRolePolicy, which gives nothing.
        Sid       = "NoRoleWithoutIt", Effect = "Deny", Resource = "*"
        Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"]
        Condition = { StringNotEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
      },
      { Sid = "NotTakenOff", Effect = "Deny", Action = "iam:DeleteRolePermissionsBoundary", Resource = "*" },
      {
        # What a role of an estate can't read by its workflow's own policy, it can't by another one either.
        Sid       = "StatesForWorkflowsAlone", Effect = "Deny", Resource = "${aws_s3_bucket.state.arn}/*"
        Action    = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
        Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:${local.partition}:iam::${local.account}:role/tidewatch-ci-*" } }
      },
      {
        Sid    = "NotTheState", Effect = "Deny", Resource = aws_s3_bucket.state.arn
        Action = ["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration"]
      },
      { Sid = "NotItsKey", Effect = "Deny", Resource = aws_kms_key.state.arn, Action = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CreateGrant"] },
      {
        Sid    = "NoPeople", Effect = "Deny", Resource = "*"
        Action = ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:*Group*", "iam:*AccountPasswordPolicy", "organizations:Leave*", "account:*", "sso:*", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "s3:BypassGovernanceRetention"]
      },
      {
        Sid       = "OtherRegions", Effect = "Deny", Resource = "*", NotAction = ["iam:*", "sts:*", "cloudfront:*", "route53:*", "budgets:*", "ce:*", "organizations:*", "wafv2:*", "tag:*", "s3:ListAllMyBuckets"]
        Condition = { StringNotEquals = { "aws:RequestedRegion" = sort(setunion(var.estate_regions, ["us-east-1"])) } }
      },
    ]
  })
}
