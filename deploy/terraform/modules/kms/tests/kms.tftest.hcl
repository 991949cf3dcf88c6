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
}

run "by_default" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["data", "logs", "audit", "secrets"]) && toset([for alias in aws_kms_alias.this : alias.name]) == toset([for purpose in ["data", "logs", "audit", "secrets"] : "alias/tidewatch-test-${purpose}"])
    error_message = "a purpose has no key and alias of its own"
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.rotation_period_in_days == 365])
    error_message = "a key's material is never changed"
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.deletion_window_in_days == 30])
    error_message = "a key that is deleted by mistake is lost before anybody notices"
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : !key.multi_region])
    error_message = "keys can be copied to other regions though nothing needs it"
  }

  assert {
    condition     = alltrue(flatten([for key in aws_kms_key.this : [for statement in jsondecode(key.policy).Statement : try(statement.Principal.AWS, "") != "*" || try(statement.Condition.StringEquals["kms:CallerAccount"] == "123456789012" && statement.Condition.ArnEquals["aws:PrincipalArn"] != "", false)]]))
    error_message = "a key can be used by anybody"
  }

  assert {
    condition     = alltrue(flatten([for key in aws_kms_key.this : [for statement in jsondecode(key.policy).Statement : !contains(flatten([statement.Action]), "kms:*")]]))
    error_message = "a key's policy allows everything to somebody"
  }

  assert {
    condition     = alltrue(flatten([for key in aws_kms_key.this : [for statement in jsondecode(key.policy).Statement : !contains(flatten([statement.Action]), "kms:Decrypt") || can(statement.Condition) || try(statement.Principal.Service, "") == "events.amazonaws.com"]]))
    error_message = "somebody decrypts without a condition"
  }

  assert {
    condition     = alltrue(flatten([for key in aws_kms_key.this : [for statement in jsondecode(key.policy).Statement : !can(statement.Principal.Service) || strcontains(jsonencode(try(statement.Condition, {})), "123456789012") || try(statement.Principal.Service, "") == "events.amazonaws.com"]]))
    error_message = "a service may use a key for another account's resources"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_key.this["audit"].policy).Statement : statement.Condition.StringLike["kms:ViaService"] if statement.Sid == "UsedByIAMThroughServices"] == [["s3.us-east-1.amazonaws.com"]]
    error_message = "audit records are decrypted by another way than reading them from S3"
  }

  assert {
    condition     = length(setsubtract(["FlowLogs", "CloudWatchLogs", "AnnouncementsOfObjects"], [for statement in jsondecode(aws_kms_key.this["logs"].policy).Statement : statement.Sid])) == 0
    error_message = "a service that delivers or announces logs can't encrypt"
  }

  assert {
    condition = { for statement in jsondecode(aws_kms_key.this["audit"].policy).Statement : statement.Action => statement.Condition if try(statement.Principal.Service, "") == "cloudtrail.amazonaws.com" } == {
      "kms:GenerateDataKey*" = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudtrail:*:123456789012:trail/*" }, StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:123456789012:trail/*" } }
      "kms:DescribeKey"      = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudtrail:*:123456789012:trail/*" } }
    }
    error_message = "CloudTrail can't encrypt what it archives, or does more with the archive's key"
  }

  assert {
    condition = { for purpose, key in aws_kms_key.this : purpose => [
      for statement in jsondecode(key.policy).Statement : statement.Condition
      if contains(flatten([statement.Action]), "kms:CreateGrant") && !can(statement.Condition.Bool["kms:GrantIsForAWSResource"])
    ] } == { data = [], logs = [], audit = [], secrets = [{ StringEquals = { "kms:ViaService" = "eks.us-east-1.amazonaws.com" } }] }
    error_message = "EKS, which does not say what its grant is for, makes no cluster, or somebody else makes such grants"
  }
}

run "trail_of_the_organisation" {
  command = plan

  variables {
    trail_account_id = "210987654321"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_key.this["audit"].policy).Statement : statement.Condition.ArnLike["aws:SourceArn"] if statement.Sid == "CloudTrail"] == ["arn:aws:cloudtrail:*:210987654321:trail/*"]
    error_message = "the organisation's trail can't encrypt what it delivers"
  }
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    deletion_window_days = 3
    rotation_days        = 30
    trail_account_id     = "management"
  }

  expect_failures = [var.deletion_window_days, var.rotation_days, var.trail_account_id]
}
