locals {
  plans = var.plans ? {
    daily = {
      cron       = var.daily.cron
      cold_after = null
      delete     = var.daily.delete_after_days
      continuous = var.daily.continuous
    }
    weekly = {
      cron       = var.weekly.cron
      cold_after = var.weekly.cold_after_days == 0 ? null : var.weekly.cold_after_days
      delete     = var.weekly.delete_after_days
      continuous = false
    }
  } : {}
}

resource "aws_backup_plan" "this" {
  for_each = local.plans

  name = "${var.name}-${each.key}"

  rule {
    rule_name                    = each.key
    target_vault_name            = aws_backup_vault.this.name
    schedule                     = each.value.cron
    schedule_expression_timezone = "Etc/UTC"
    start_window                 = 60
    completion_window            = 720
    enable_continuous_backup     = each.value.continuous

    lifecycle {
      cold_storage_after                        = each.value.cold_after
      delete_after                              = each.value.delete
      opt_in_to_archive_for_supported_resources = false
    }

    dynamic "copy_action" {
      for_each = var.copy_vault_arn == null ? [] : [var.copy_vault_arn]

      content {
        destination_vault_arn = copy_action.value

        lifecycle {
          cold_storage_after                        = each.value.cold_after
          delete_after                              = each.value.delete
          opt_in_to_archive_for_supported_resources = false
        }
      }
    }
  }

  # A job that the lock's retentions do not allow fails.
  depends_on = [aws_backup_vault_lock_configuration.this]
}

resource "aws_backup_selection" "this" {
  for_each = local.plans

  name         = "${var.name}-${each.key}"
  plan_id      = aws_backup_plan.this[each.key].id
  iam_role_arn = aws_iam_role.backup[0].arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = var.selection_tag.key
    value = var.selection_tag.value
  }
}
