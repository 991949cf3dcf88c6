# AWS starts a restore of the latest recovery point of each kind, and deletes it when the time to look at it is over. That it came up is seen in
# the job; whether the data is right, somebody has to look at in that time.
resource "aws_backup_restore_testing_plan" "this" {
  count = var.restore_testing == null ? 0 : 1

  name                         = replace("${var.name}_restore", "-", "_")
  schedule_expression          = var.restore_testing.cron
  schedule_expression_timezone = "Etc/UTC"
  start_window_hours           = 4

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = var.daily.continuous ? ["CONTINUOUS", "SNAPSHOT"] : ["SNAPSHOT"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "this" {
  for_each = try(var.restore_testing.resource_types, toset([]))

  name                       = replace(lower("${var.name}_${each.key}"), "/[^a-z0-9_]/", "_")
  restore_testing_plan_name  = aws_backup_restore_testing_plan.this[0].name
  iam_role_arn               = aws_iam_role.restore.arn
  protected_resource_type    = each.key
  restore_metadata_overrides = lookup(var.restore_testing.metadata, each.key, null)
  validation_window_hours    = var.restore_testing.validation_hours

  protected_resource_conditions {
    string_equals {
      key   = "aws:ResourceTag/${var.selection_tag.key}"
      value = var.selection_tag.value
    }
  }
}
