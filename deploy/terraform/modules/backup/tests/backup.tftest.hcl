mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:us-east-1:123456789012:backup-vault:tidewatch-test" }
  }
}

variables {
  name           = "tidewatch-test"
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  copy_vault_arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:tidewatch-test"
  topic_arn      = "arn:aws:sns:us-east-1:123456789012:tidewatch-test-pages"
}

run "vault" {
  command = plan

  assert {
    condition     = aws_backup_vault.this.kms_key_arn == var.kms_key_arn && aws_backup_vault.this.force_destroy != true
    error_message = "recovery points are not encrypted with the key of this estate, or go when the vault does"
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 7 && aws_backup_vault_lock_configuration.this[0].max_retention_days == 2555 && aws_backup_vault_lock_configuration.this[0].changeable_for_days == null
    error_message = "recovery points can be deleted before their time, or the lock can never be taken away again without being asked for"
  }
  assert {
    condition     = contains(aws_backup_vault_notifications.this.backup_vault_events, "COPY_JOB_FAILED") && contains(aws_backup_vault_notifications.this.backup_vault_events, "RECOVERY_POINT_MODIFIED")
    error_message = "nobody hears that a copy fails, or that somebody changes a recovery point"
  }
}

run "plans" {
  command = plan

  assert {
    condition     = one(aws_backup_plan.this["daily"].rule).lifecycle[0].delete_after == 35 && one(aws_backup_plan.this["weekly"].rule).lifecycle[0].delete_after == 2555
    error_message = "recovery points are not kept for five weeks and for seven years"
  }
  assert {
    condition     = one(aws_backup_plan.this["weekly"].rule).lifecycle[0].cold_storage_after == 30 && one(aws_backup_plan.this["daily"].rule).lifecycle[0].cold_storage_after == null
    error_message = "weekly recovery points stay warm for seven years, or daily ones are billed as cold for longer than they are kept"
  }
  assert {
    condition     = alltrue([for plan in aws_backup_plan.this : one(one(plan.rule).copy_action).destination_vault_arn == var.copy_vault_arn && one(one(plan.rule).copy_action).lifecycle[0].delete_after == one(plan.rule).lifecycle[0].delete_after])
    error_message = "the second region has no copy, or keeps it for another time"
  }
  assert {
    condition     = alltrue([for plan in aws_backup_plan.this : one(plan.rule).target_vault_name == "tidewatch-test" && !one(plan.rule).enable_continuous_backup])
    error_message = "recovery points go to another vault, or are continuous without being asked for"
  }
  assert {
    condition     = alltrue([for selection in aws_backup_selection.this : one(selection.selection_tag) == { type = "STRINGEQUALS", key = "Backup", value = "true" }])
    error_message = "what has the tag is not backed up, or something else is"
  }
}

run "roles" {
  command = plan

  assert {
    condition     = toset([for attachment in aws_iam_role_policy_attachment.backup : attachment.policy_arn]) == toset(["arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup", "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup"])
    error_message = "what makes recovery points can do something else too"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.trust.statement).condition != null && one(one(data.aws_iam_policy_document.trust.statement).condition).values == tolist(["123456789012"])
    error_message = "AWS Backup can take the roles for another account"
  }
}

run "second_region" {
  command = plan

  variables {
    plans          = false
    copy_vault_arn = null
  }

  assert {
    condition     = length(aws_backup_plan.this) == 0 && length(aws_backup_selection.this) == 0 && length(aws_iam_role.backup) == 0
    error_message = "the vault of copies has plans of its own"
  }
  assert {
    condition     = length(aws_backup_vault_lock_configuration.this) == 1 && output.vault_arn == "arn:aws:backup:us-east-1:123456789012:backup-vault:tidewatch-test"
    error_message = "copies can be deleted before their time"
  }
}

run "compliance_and_continuous" {
  command = plan

  variables {
    lock  = { mode = "compliance" }
    daily = { continuous = true }
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].changeable_for_days == 14
    error_message = "the lock of compliance can be taken away"
  }
  assert {
    condition     = one(aws_backup_plan.this["daily"].rule).enable_continuous_backup && !one(aws_backup_plan.this["weekly"].rule).enable_continuous_backup
    error_message = "two plans would make continuous backups of one database, or none"
  }
}

run "restore_testing" {
  command = plan

  variables {
    restore_testing = {
      resource_types = ["Aurora", "S3"]
      metadata       = { Aurora = { dbSubnetGroupName = "tidewatch-test" } }
    }
  }

  assert {
    condition     = aws_backup_restore_testing_plan.this[0].name == "tidewatch_test_restore" && aws_backup_restore_testing_plan.this[0].recovery_point_selection[0].include_vaults == toset([output.vault_arn])
    error_message = "restores are tried from other vaults, or under a name that AWS refuses"
  }
  assert {
    condition     = aws_backup_restore_testing_selection.this["Aurora"].restore_metadata_overrides == tomap({ dbSubnetGroupName = "tidewatch-test" }) && aws_backup_restore_testing_selection.this["S3"].validation_window_hours == 4
    error_message = "a database is restored into other subnets, or is gone before anybody has looked at it"
  }
  assert {
    condition     = alltrue([for selection in aws_backup_restore_testing_selection.this : selection.protected_resource_conditions[0].string_equals[0].key == "aws:ResourceTag/Backup"])
    error_message = "what others back up is restored too"
  }
}

run "never_cold" {
  command = plan

  variables {
    weekly = { cold_after_days = 0, delete_after_days = 60 }
  }

  assert {
    condition     = one(aws_backup_plan.this["weekly"].rule).lifecycle[0].cold_storage_after == null && one(one(aws_backup_plan.this["weekly"].rule).copy_action).lifecycle[0].cold_storage_after == null
    error_message = "recovery points go to cold storage though they are not to"
  }
}

run "refuses_cold_for_less_than_90_days" {
  command = plan

  variables {
    weekly = { cold_after_days = 30, delete_after_days = 119 }
  }

  expect_failures = [var.weekly]
}

run "refuses_continuous_for_more_than_35_days" {
  command = plan

  variables {
    daily = { continuous = true, delete_after_days = 36 }
  }

  expect_failures = [var.daily]
}

run "refuses_retention_beyond_the_lock" {
  command = plan

  variables {
    lock = { max_days = 365 }
  }

  expect_failures = [var.lock]
}
