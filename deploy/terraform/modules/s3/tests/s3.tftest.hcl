mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }

  # Ids that are known when planned, another for each, so that what belongs to which bucket can be asserted.
  mock_resource "aws_s3_bucket" {
    override_during = plan
    defaults        = {}
  }
  mock_resource "aws_iam_role" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:role/tidewatch-test-s3-replication" }
  }
}

variables {
  name = "tidewatch-test"
  kms_key_arns = {
    data  = "arn:aws:kms:us-east-1:123456789012:key/data"
    logs  = "arn:aws:kms:us-east-1:123456789012:key/logs"
    audit = "arn:aws:kms:us-east-1:123456789012:key/audit"
  }
}

run "by_default" {
  command = plan

  assert {
    condition     = toset([for bucket in aws_s3_bucket.this : bucket.bucket]) == toset([for purpose in ["documents", "exports", "logs", "audit", "access"] : "tidewatch-test-${purpose}-123456789012"])
    error_message = "a purpose has no bucket of its own"
  }

  assert {
    condition     = alltrue([for purpose, block in aws_s3_bucket_public_access_block.this : block.bucket == aws_s3_bucket.this[purpose].id && block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "a bucket can be opened to the public"
  }

  assert {
    condition     = alltrue([for controls in aws_s3_bucket_ownership_controls.this : controls.rule[0].object_ownership == "BucketOwnerEnforced"])
    error_message = "an access list may say who reads an object"
  }

  assert {
    condition = alltrue([for policy in aws_s3_bucket_policy.this : length([
      for statement in jsondecode(policy.policy).Statement : statement
      if statement.Effect == "Deny" && try(statement.Principal.AWS, "") == "*" && statement.Action == "s3:*" && try(statement.Condition.Bool["aws:SecureTransport"] == "false", statement.Condition.NumericLessThan["s3:TlsVersion"] == "1.2", false)
    ]) == 2])
    error_message = "a bucket can be read without TLS 1.2"
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_s3_bucket_policy.this : [for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" || can(statement.Principal.Service)]]))
    error_message = "a bucket's policy allows something to others than a service that delivers"
  }

  assert {
    condition = { for purpose, encryption in aws_s3_bucket_server_side_encryption_configuration.this : purpose => one(flatten([for rule in encryption.rule : rule.apply_server_side_encryption_by_default[*].kms_master_key_id])) if purpose != "access" } == {
      documents = var.kms_key_arns.data, exports = var.kms_key_arns.data, logs = var.kms_key_arns.logs, audit = var.kms_key_arns.audit
    }
    error_message = "a bucket is encrypted with another key than its purpose's"
  }

  assert {
    condition     = alltrue(flatten([for purpose, encryption in aws_s3_bucket_server_side_encryption_configuration.this : [for rule in encryption.rule : rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"] if purpose != "access"]))
    error_message = "a bucket doesn't encrypt by KMS with a bucket key"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this["access"].rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "access logs would be lost: neither load balancers nor S3 deliver them to a bucket with a KMS key"
  }

  assert {
    condition     = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.object_lock_enabled } == { documents = false, exports = false, logs = false, audit = true, access = false }
    error_message = "audit records can be changed, or something else can't"
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.audit.bucket == output.bucket_names["audit"] && aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 2555 && aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "COMPLIANCE"
    error_message = "audit records can be deleted within seven years"
  }

  assert {
    condition     = alltrue([for versioning in aws_s3_bucket_versioning.this : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "what is overwritten is lost: a bucket keeps no versions"
  }

  assert {
    condition     = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["audit"].rule : rule.expiration[*].days]) == [2555]
    error_message = "audit records expire before their retention ends, or never"
  }

  assert {
    condition     = alltrue([for purpose in ["documents", "exports", "logs", "audit"] : length(setsubtract([30, 90], flatten([for rule in aws_s3_bucket_lifecycle_configuration.this[purpose].rule : [for transition in rule.transition : transition.days]]))) == 0])
    error_message = "what is seldom read doesn't become cheaper after 30 and 90 days"
  }

  assert {
    condition     = length(flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["logs"].rule : [for transition in rule.transition : transition.storage_class if !contains(["STANDARD_IA", "GLACIER_IR"], transition.storage_class)]])) == 0
    error_message = "a replay would wait hours for logs that are kept"
  }

  assert {
    condition     = alltrue([for lifecycle in aws_s3_bucket_lifecycle_configuration.this : flatten([for rule in lifecycle.rule : rule.abort_incomplete_multipart_upload[*].days_after_initiation]) == [7]])
    error_message = "parts of uploads that were never finished stay and cost"
  }

  assert {
    condition = {
      for statement in concat(jsondecode(aws_s3_bucket_policy.this["logs"].policy).Statement, jsondecode(aws_s3_bucket_policy.this["audit"].policy).Statement, jsondecode(aws_s3_bucket_policy.this["access"].policy).Statement) : statement.Principal.Service => statement.Resource
      if try(statement.Action, "") == "s3:PutObject"
      } == {
      "delivery.logs.amazonaws.com"                    = ["arn:aws:s3:::tidewatch-test-logs-123456789012/AWSLogs/123456789012/vpcflowlogs/*", "arn:aws:s3:::tidewatch-test-logs-123456789012/msk/tidewatch-test/*"]
      "cloudtrail.amazonaws.com"                       = ["arn:aws:s3:::tidewatch-test-audit-123456789012/AWSLogs/123456789012/*"]
      "config.amazonaws.com"                           = "arn:aws:s3:::tidewatch-test-logs-123456789012/config/AWSLogs/123456789012/Config/*"
      "logdelivery.elasticloadbalancing.amazonaws.com" = "arn:aws:s3:::tidewatch-test-access-123456789012/load-balancer/AWSLogs/123456789012/*"
      "logging.s3.amazonaws.com"                       = "arn:aws:s3:::tidewatch-test-access-123456789012/s3/*"
    }
    error_message = "a service can't deliver into its folder, or into more"
  }

  assert {
    condition     = alltrue(flatten([for policy in aws_s3_bucket_policy.this : [for statement in jsondecode(policy.policy).Statement : strcontains(jsonencode(statement.Condition), "123456789012") if statement.Effect == "Allow"]]))
    error_message = "a service may deliver for another account"
  }

  assert {
    condition     = toset(keys(aws_s3_bucket_logging.this)) == toset(["documents", "exports", "logs", "audit"]) && alltrue([for purpose, logging in aws_s3_bucket_logging.this : logging.target_bucket == output.bucket_names["access"] && logging.target_prefix == "s3/"])
    error_message = "nobody could say later who read a bucket"
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this) == 0 && length(aws_iam_role.replication) == 0 && output.replication_role_arn == null
    error_message = "a role that copies is there without a copy"
  }
}

run "trail_of_the_organisation" {
  command = plan

  variables {
    trail = { account_id = "210987654321", organization_id = "o-abcdefghij" }
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this["audit"].policy).Statement : [statement.Resource, statement.Condition.ArnLike["aws:SourceArn"]] if statement.Sid == "CloudTrailWrite"] == [[
      ["arn:aws:s3:::tidewatch-test-audit-123456789012/AWSLogs/210987654321/*", "arn:aws:s3:::tidewatch-test-audit-123456789012/AWSLogs/o-abcdefghij/*"],
      "arn:aws:cloudtrail:*:210987654321:trail/*",
    ]]
    error_message = "the organisation's trail can't deliver"
  }
}

run "copy_in_the_second_region" {
  command = plan

  variables {
    replica = {
      bucket_arns = {
        documents = "arn:aws:s3:::tidewatch-dr-documents-123456789012"
        audit     = "arn:aws:s3:::tidewatch-dr-audit-123456789012"
        access    = "arn:aws:s3:::tidewatch-dr-access-123456789012"
      }
      kms_key_arns = {
        data  = "arn:aws:kms:us-west-2:123456789012:key/data"
        logs  = "arn:aws:kms:us-west-2:123456789012:key/logs"
        audit = "arn:aws:kms:us-west-2:123456789012:key/audit"
      }
    }
  }

  assert {
    condition     = { for purpose, copy in aws_s3_bucket_replication_configuration.this : purpose => [copy.rule[0].status, copy.rule[0].destination[0].bucket, copy.rule[0].destination[0].encryption_configuration[0].replica_kms_key_id] } == { documents = ["Enabled", "arn:aws:s3:::tidewatch-dr-documents-123456789012", "arn:aws:kms:us-west-2:123456789012:key/data"], audit = ["Enabled", "arn:aws:s3:::tidewatch-dr-audit-123456789012", "arn:aws:kms:us-west-2:123456789012:key/audit"] }
    error_message = "a bucket isn't copied to its own in the second region, with that region's key"
  }

  assert {
    condition     = alltrue([for copy in aws_s3_bucket_replication_configuration.this : copy.rule[0].source_selection_criteria[0].sse_kms_encrypted_objects[0].status == "Enabled"])
    error_message = "nothing would be copied: all objects are encrypted by KMS"
  }

  assert {
    condition     = alltrue([for copy in aws_s3_bucket_replication_configuration.this : copy.rule[0].delete_marker_replication[0].status == "Disabled" && !strcontains(aws_iam_role_policy.replication[0].policy, "ReplicateDelete")])
    error_message = "what is deleted here is deleted in the copy"
  }

  assert {
    condition     = alltrue([for copy in aws_s3_bucket_replication_configuration.this : copy.rule[0].destination[0].replication_time[0].time[0].minutes == 15 && copy.rule[0].destination[0].metrics[0].status == "Enabled"])
    error_message = "nobody can say how far the copy is behind"
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.replication[0].policy, "tidewatch-test-logs") && !strcontains(aws_iam_role_policy.replication[0].policy, ":key/logs") && !contains(flatten([for statement in jsondecode(aws_iam_role_policy.replication[0].policy).Statement : statement.Resource]), "*")
    error_message = "the role that copies may read what isn't copied"
  }
}

run "a_short_retention_has_no_class_that_costs_longer" {
  command = plan

  variables {
    audit_retention_days = 60
    object_lock_mode     = "GOVERNANCE"
  }

  assert {
    condition     = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this["audit"].rule : [for transition in rule.transition : transition.days]]) == [30]
    error_message = "audit records would be moved to a class after they expired, which S3 refuses"
  }
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    name                 = "Tidewatch"
    audit_retention_days = 0
    object_lock_mode     = "NONE"
    replica = {
      bucket_arns  = { audits = "arn:aws:s3:::tidewatch-dr-audit-123456789012" }
      kms_key_arns = { data = "d", logs = "l", audit = "a" }
    }
  }

  expect_failures = [var.name, var.audit_retention_days, var.object_lock_mode, var.replica]
}
