# finds: recovery points can be deleted before their time
resource "aws_backup_vault_lock_configuration" "this" {
  min_retention_days = 1
}
