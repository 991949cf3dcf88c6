mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::tidewatch-state-123456789012-us-east-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/tidewatch-ci-boundary" }
  }
}

variables {
  repository = "example/tidewatch"
}

run "state" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "tidewatch-state-123456789012-us-east-1"
    error_message = "the state's bucket has another name than scripts/terraform looks for"
  }
  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "there is no way back from a bad state"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.state.arn && aws_kms_key.state.enable_key_rotation
    error_message = "the state is not encrypted with its own key, or that key never changes"
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy && aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "the state could be read by the public"
  }
  assert {
    condition     = toset([for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement : statement.Sid if statement.Effect == "Deny"]) == toset(["TLSOnly", "TLS12", "NoOtherKey", "NoVersionIsDeleted"])
    error_message = "the state can be read without TLS, written without its own key, or its former versions be deleted"
  }
  assert {
    condition     = strcontains(output.backend, "use_lockfile = true")
    error_message = "two runs could write the state at once"
  }
  assert {
    condition     = !strcontains(output.backend, "encrypt ")
    error_message = "the state would be encrypted with S3's own key, which the bucket refuses"
  }
}

run "who_may_come" {
  command = plan

  assert {
    condition     = alltrue([for name in var.environments : jsondecode(aws_iam_role.deploy[name].assume_role_policy).Statement[0].Condition == { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com", "token.actions.githubusercontent.com:sub" = ["repo:example/tidewatch:environment:${name}"], "token.actions.githubusercontent.com:ref" = "refs/heads/main" } }])
    error_message = "an environment is deployed to from elsewhere than GitHub's environment of its name, or from another branch than main"
  }
  assert {
    condition     = tolist(jsondecode(aws_iam_role.plan.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == tolist(["repo:example/tidewatch:pull_request", "repo:example/tidewatch:ref:refs/heads/main"])
    error_message = "others than this repository's pull requests and its main branch can plan"
  }
  assert {
    condition     = jsondecode(aws_iam_role.image.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/tidewatch:ref:refs/heads/main"]
    error_message = "others than the main branch can bring images"
  }
  assert {
    condition     = alltrue([for role in concat([aws_iam_role.plan, aws_iam_role.image], values(aws_iam_role.deploy)) : !strcontains(role.assume_role_policy, "*")])
    error_message = "a pattern lets in who was not meant"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.deploy : role.permissions_boundary == aws_iam_policy.boundary.arn])
    error_message = "a deploy role has no boundary"
  }
}

run "what_they_may" {
  command = plan

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.deploy["staging"].policy).Statement : statement.Resource if statement.Sid == "State"])[0] == "arn:aws:s3:::tidewatch-state-123456789012-us-east-1/staging/terraform.tfstate" && toset(one([for statement in jsondecode(aws_iam_role_policy.deploy["staging"].policy).Statement : statement.Resource if statement.Sid == "OtherStates" && statement.Effect == "Deny"])) == toset([for other in ["bootstrap", "dev", "prod", "prod-dr", "uat"] : "arn:aws:s3:::tidewatch-state-123456789012-us-east-1/${other}/*"])
    error_message = "an environment can reach the state of another"
  }
  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.plan.policy).Statement : statement.Action if statement.Effect == "Allow"])) == toset(["s3:ListBucket", "s3:GetObject", "kms:Decrypt", "ec2:DescribeManagedPrefixLists", "ec2:GetManagedPrefixListEntries", "ssm:GetParameter"])
    error_message = "a pull request can do more than read states and public addresses"
  }
  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.plan.policy).Statement : [for resource in flatten([statement.Resource]) : endswith(resource, "/terraform.tfstate") || endswith(resource, "::parameter/aws/service/*")] if contains(["s3:GetObject", "ssm:GetParameter"], statement.Action)]))
    error_message = "a pull request can read what the estate holds"
  }
  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.image.policy).Statement : [for action in flatten([statement.Action]) : startswith(action, "ecr:") && !strcontains(action, "Delete") && !strcontains(action, "*")]])) && alltrue([for statement in jsondecode(aws_iam_role_policy.image.policy).Statement : statement.Resource == "arn:aws:ecr:*:123456789012:repository/tidewatch-*" if statement.Sid != "SignIn"])
    error_message = "who brings images can do more than that"
  }
  assert {
    condition     = contains(one([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if statement.Sid == "NotItsOwnWayIn" && statement.Effect == "Deny"]), "arn:aws:iam::123456789012:role/tidewatch-ci-*")
    error_message = "a workflow can change its own role"
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement if statement.Sid == "NoRoleWithoutIt"] == [{
      Sid       = "NoRoleWithoutIt", Effect = "Deny", Resource = "*"
      Action    = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"]
      Condition = { StringNotEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/tidewatch-ci-boundary" } }
    }] && [for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : "${statement.Effect} ${statement.Action} ${statement.Resource}" if statement.Sid == "NotTakenOff"] == ["Deny iam:DeleteRolePermissionsBoundary *"]
    error_message = "a workflow can make a role that may do what it may not itself"
  }
  assert {
    condition     = aws_iam_policy.boundary.name == "tidewatch-ci-boundary" && contains(one([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if statement.Sid == "NotItsOwnWayIn"]), "arn:aws:iam::123456789012:policy/tidewatch-ci-*")
    error_message = "a workflow can change the boundary itself"
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Condition.ArnNotLike["aws:PrincipalArn"] if statement.Sid == "StatesForWorkflowsAlone" && statement.Effect == "Deny" && statement.Resource == "arn:aws:s3:::tidewatch-state-123456789012-us-east-1/*"], "arn:aws:iam::123456789012:role/tidewatch-ci-*")
    error_message = "a role that a workflow makes can read the state of another environment"
  }
  assert {
    condition     = contains(one([for statement in jsondecode(aws_iam_role_policy.deploy["prod"].policy).Statement : statement.Action if statement.Sid == "Roles"]), "iam:PutRolePermissionsBoundary")
    error_message = "a workflow can't put a role under the boundary that was made before"
  }
  assert {
    condition     = length(jsonencode(jsondecode(aws_iam_policy.boundary.policy))) <= 6144
    error_message = "the boundary is longer than AWS takes"
  }
  assert {
    condition     = alltrue([for action in ["iam:CreateServiceLinkedRole", "iam:TagRole", "iam:PassRole"] : contains(one([for statement in jsondecode(aws_iam_role_policy.deploy["prod"].policy).Statement : statement.Action if statement.Sid == "AwsOwnRoles"]), action)])
    error_message = "a workflow can't make the role of AWS Config with its tags, nor give it to the recorder"
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.deploy["prod"].policy).Statement : !contains(flatten([statement.Action]), "iam:*") && !contains(flatten([statement.Action]), "*")])
    error_message = "a workflow may do anything"
  }
}

run "where_STS_knows_no_branches" {
  command = plan

  override_data {
    target          = data.aws_partition.current
    override_during = plan
    values          = { partition = "aws-us-gov" }
  }

  assert {
    condition     = keys(jsondecode(aws_iam_role.deploy["prod"].assume_role_policy).Statement[0].Condition.StringEquals) == ["token.actions.githubusercontent.com:aud", "token.actions.githubusercontent.com:sub"]
    error_message = "a deploy role asks for a claim that STS doesn't know there, so that nobody can take it"
  }
}

run "an_environment_named_like_workflows" {
  command = plan

  variables {
    environments = ["ci"]
  }

  expect_failures = [var.environments]
}

run "repositories_with_numbers" {
  command = plan

  variables {
    repository = "example@1234/tidewatch@567890"
  }

  assert {
    condition     = contains(flatten([jsondecode(aws_iam_role.plan.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]]), "repo:example@1234/tidewatch@567890:pull_request")
    error_message = "a repository that GitHub signs for with its numbers can take no role"
  }
}

run "pattern_of_repositories" {
  command = plan

  variables {
    repository = "example/*"
  }

  expect_failures = [var.repository]
}
