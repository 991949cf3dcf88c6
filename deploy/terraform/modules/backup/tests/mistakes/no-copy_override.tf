# finds: the second region has no copy
resource "aws_backup_plan" "this" {
  rule {
    rule_name                = each.key
    target_vault_name        = aws_backup_vault.this.name
    schedule                 = each.value.cron
    enable_continuous_backup = each.value.continuous

    lifecycle {
      cold_storage_after = each.value.cold_after
      delete_after       = each.value.delete
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.this.arn

      lifecycle {
        delete_after = each.value.delete
      }
    }
  }
}
