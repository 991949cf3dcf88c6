# A vault, and two plans for what has the tag: daily, for five weeks, and weekly, for seven years (2,555 days). Where a second region has a vault
# of this module, each recovery point is copied there, with its key.
#
# What AWS Backup does not do:
# - Cold storage is for EFS, DynamoDB, Timestream, SAP HANA, VMware and CloudFormation; cold_after_days does nothing for Aurora, RDS and S3, whose
#   recovery points stay warm, at the price of warm ones. Volumes (EBS) have an archive, for plans that are at least four weeks apart, so not for
#   these. What is cold is billed for 90 days at least, and takes hours to restore.
# - Continuous backups, from which any second of the last 35 days can be restored, are kept no longer, are not copied as such, and are of RDS,
#   Aurora and S3 alone. Aurora's own, of 35 days, are on in its module; `daily.continuous` puts them under AWS Backup instead.
# - Kafka and Redis are not backed up by it at all. Kafka's topics are what Tidewatch is restored from: the runbooks say how.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
}

resource "aws_backup_vault" "this" {
  name        = var.name
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  count = var.lock.mode == "none" ? 0 : 1

  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.lock.min_days
  max_retention_days = var.lock.max_days

  # Without it the lock is one of governance; with it, when the days are over, one that nobody can take away.
  changeable_for_days = var.lock.mode == "compliance" ? var.lock.changeable_for_days : null
}

resource "aws_backup_region_settings" "this" {
  count = var.region_opt_in == null ? 0 : 1

  resource_type_opt_in_preference = var.region_opt_in
}

resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.topic_arn
  backup_vault_events = ["COPY_JOB_FAILED", "RECOVERY_POINT_MODIFIED", "S3_BACKUP_OBJECT_FAILED"]
}
