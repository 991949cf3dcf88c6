mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name = "tidewatch-test"
  cluster = {
    arn               = "arn:aws:eks:us-east-1:123456789012:cluster/tidewatch-test"
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"
    oidc_issuer       = "https://oidc.eks.us-east-1.amazonaws.com/id/ABC"
  }
  kafka = { cluster_arn = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-test/11111111-2222-3333-4444-555555555555-1" }
  bucket_arns = {
    exports = "arn:aws:s3:::tidewatch-test-exports"
    logs    = "arn:aws:s3:::tidewatch-test-logs"
    audit   = "arn:aws:s3:::tidewatch-test-audit"
  }
  kms_key_arns = {
    data    = "arn:aws:kms:us-east-1:123456789012:key/data"
    logs    = "arn:aws:kms:us-east-1:123456789012:key/logs"
    audit   = "arn:aws:kms:us-east-1:123456789012:key/audit"
    secrets = "arn:aws:kms:us-east-1:123456789012:key/secrets"
  }
  queue_arns             = ["arn:aws:sqs:us-east-1:123456789012:tidewatch-test-objects"]
  target_group_arns      = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tidewatch-test/abc"]
  auditor_principal_arns = ["arn:aws:iam::123456789012:role/audit"]
}

run "by_default" {
  command = plan

  assert {
    condition     = toset([for role in aws_iam_role.this : role.name]) == toset([for part in ["consumer", "gateway", "s3-reader", "reporter", "auditor", "external-secrets", "load-balancer"] : "tidewatch-test-${part}"])
    error_message = "a part has no role of its own"
  }

  assert {
    condition = alltrue([for part, account in output.service_accounts : jsondecode(aws_iam_role.this[part].assume_role_policy).Statement[0].Condition.StringEquals == {
      "oidc.eks.us-east-1.amazonaws.com/id/ABC:aud" = "sts.amazonaws.com"
      "oidc.eks.us-east-1.amazonaws.com/id/ABC:sub" = "system:serviceaccount:${account.namespace}:${account.name}"
    }])
    error_message = "another pod than a part's own can take its role"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["auditor"].assume_role_policy).Statement[0].Principal == { AWS = ["arn:aws:iam::123456789012:role/audit"] }
    error_message = "others than the named auditors can take their role"
  }

  assert {
    condition     = alltrue(flatten([for part, policy in aws_iam_role_policy.this : [for statement in jsondecode(policy.policy).Statement : part == "load-balancer" || statement.Sid == "TrailsAndTheirKeys" || !contains(flatten([statement.Resource]), "*")]]))
    error_message = "a role may do something with everything"
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_iam_role_policy.this : [for statement in jsondecode(policy.policy).Statement : [for action in flatten([statement.Action]) : !endswith(action, "*")]]]))
    error_message = "a role may do more than what is named"
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_iam_role_policy.this : [for statement in jsondecode(policy.policy).Statement : can(statement.Condition.StringEquals["kms:ViaService"]) if strcontains(jsonencode(statement.Action), "kms:")]]))
    error_message = "a role decrypts by calling KMS, and not only what it may read"
  }

  # The permissions that docs/operations.md and docs/trust.md name.
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.this["consumer"].policy).Statement : statement.Sid => [for arn in flatten([statement.Resource]) : replace(arn, "/^.*555555555555-1/?/", "")] } == {
      ConnectToWrite = [""]
      ReadTopics     = ["aws.cloudtrail", "aws.metrics", "aws.vpc-flow", "tidewatch.registers", "tidewatch.checkpoints", "tidewatch.windows", "tidewatch.alerts", "tidewatch.notifications"]
      WriteOwnTopics = ["tidewatch.alerts", "tidewatch.audit", "tidewatch.checkpoints", "tidewatch.deadletter", "tidewatch.notifications", "tidewatch.registers", "tidewatch.windows"]
      Groups         = ["tidewatch", "tidewatch-evaluators", "tidewatch-pagerduty", "tidewatch-sink-*"]
    }
    error_message = "the consumer's topics and groups are not those that the documentation names"
  }

  assert {
    condition     = alltrue([for part in ["gateway", "s3-reader"] : toset(flatten([for statement in jsondecode(aws_iam_role_policy.this[part].policy).Statement : [for arn in flatten([statement.Resource]) : replace(arn, "/^.*555555555555-1/", "")] if strcontains(jsonencode(statement.Action), "WriteData\"")])) == toset(["/aws.cloudtrail", "/aws.vpc-flow", "/aws.metrics"])])
    error_message = "who delivers telemetry may write Tidewatch's own topics, or not the inputs"
  }

  assert {
    condition     = alltrue([for part in ["gateway", "s3-reader"] : !strcontains(aws_iam_role_policy.this[part].policy, "ReadData")])
    error_message = "who delivers telemetry may read topics"
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.this["reporter"].policy).Statement : [for arn in statement.Resource : replace(arn, "/^.*555555555555-1/", "")] if statement.Sid == "ReadWindowsAndAlerts"]) == ["/tidewatch.windows", "/tidewatch.alerts"] && !strcontains(aws_iam_role_policy.this["reporter"].policy, "kafka-cluster:WriteData")
    error_message = "who reads reports may read other topics, or write"
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.this : !strcontains(policy.policy, "CreateTopic") && !strcontains(policy.policy, "DeleteTopic") && !strcontains(policy.policy, "AlterTopic")])
    error_message = "somebody may make, change or delete topics"
  }

  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.this["auditor"].policy).Statement : [for action in flatten([statement.Action]) : can(regex("^(s3:(Get|List|RestoreObject$)|kms:Decrypt$|cloudtrail:(Describe|List)|organizations:Describe)", action))]]))
    error_message = "auditors may do more than read"
  }

  assert {
    condition     = length(setsubtract(["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:RestoreObject", "cloudtrail:DescribeTrails", "cloudtrail:ListPublicKeys", "organizations:DescribeOrganization"], flatten([for statement in jsondecode(aws_iam_role_policy.this["auditor"].policy).Statement : statement.Action]))) == 0
    error_message = "auditors can't do what the runbook of an audit request asks: fetch what lies deep, and validate the trail's signatures"
  }

  assert {
    condition     = alltrue([for part, policy in aws_iam_role_policy.this : !strcontains(policy.policy, "tidewatch-test-audit") && !strcontains(policy.policy, "key/audit") if !contains(["auditor", "s3-reader"], part)])
    error_message = "others than auditors may read the archive, or write it"
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this["s3-reader"].policy).Statement : [for arn in flatten([statement.Resource]) : "${join(",", flatten([statement.Action]))} ${arn}" if strcontains(arn, "audit")]])) == toset(["s3:GetObject arn:aws:s3:::tidewatch-test-audit/AWSLogs/*", "s3:ListBucket arn:aws:s3:::tidewatch-test-audit", "kms:Decrypt arn:aws:kms:us-east-1:123456789012:key/audit"])
    error_message = "the S3 reader can't read CloudTrail's files in the archive, or more than them"
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.this["external-secrets"].policy).Statement : statement.Resource]) == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test/*", "arn:aws:kms:us-east-1:123456789012:key/secrets"]
    error_message = "External Secrets may read another environment's secrets"
  }

  assert {
    condition     = toset([for statement in jsondecode(aws_iam_role_policy.this["s3-reader"].policy).Statement : statement.Sid]) == toset(["ConnectToWrite", "WriteInputs", "DeliveredObjects", "DeliveredObjectsList", "Decrypt", "Announcements"]) && !strcontains(aws_iam_role_policy.this["s3-reader"].policy, "s3:Put") && !strcontains(aws_iam_role_policy.this["s3-reader"].policy, "s3:Delete")
    error_message = "the S3 reader can't read what is announced, or may change it"
  }
}

run "pod_identity" {
  command = plan

  variables {
    trust = "pod-identity"
    kafka = {
      cluster_arn   = "arn:aws-us-gov:kafka:us-gov-west-1:123456789012:cluster/tidewatch-test/11111111-2222-3333-4444-555555555555-1"
      create_topics = true
    }
    target_group_arns      = []
    auditor_principal_arns = []
  }

  assert {
    condition     = toset(keys(output.role_names)) == toset(["consumer", "gateway", "s3-reader", "reporter", "external-secrets"])
    error_message = "there is a role for which nobody has work"
  }

  assert {
    condition = jsondecode(aws_iam_role.this["consumer"].assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "123456789012", "aws:RequestTag/kubernetes-namespace" = "tidewatch", "aws:RequestTag/kubernetes-service-account" = "tidewatch" }
      ArnEquals    = { "aws:SourceArn" = "arn:aws:eks:us-east-1:123456789012:cluster/tidewatch-test" }
    }
    error_message = "a pod of another cluster or account can take a part's role"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this["consumer"].policy).Statement : length(statement.Resource) if statement.Sid == "CreateOwnTopics"] == [7] && !strcontains(aws_iam_role_policy.this["gateway"].policy, "CreateTopic")
    error_message = "the consumer can't make its topics though it is to, or the gateway can"
  }
}

run "irsa_without_a_provider_is_refused" {
  command = plan

  variables {
    cluster = { arn = "arn:aws:eks:us-east-1:123456789012:cluster/tidewatch-test" }
  }

  expect_failures = [aws_iam_role.this]
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    trust                  = "anybody"
    kafka                  = { cluster_arn = "arn:aws:kafka:us-east-1:123456789012:cluster/*/*", inputs = ["tidewatch.registers"] }
    secret_arns            = ["*"]
    auditor_principal_arns = ["arn:aws:iam::123456789012:root"]
  }

  expect_failures = [var.trust, var.kafka, var.secret_arns, var.auditor_principal_arns]
}
