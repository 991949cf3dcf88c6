output "vault_arn" {
  description = "ARN of the vault, which is the copy_vault_arn of another region's."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "plan_arns" {
  description = "ARNs of the plans: daily, weekly."
  value       = { for name, plan in aws_backup_plan.this : name => plan.arn }
}

output "role_arn" {
  description = "ARN of the role by which AWS Backup makes recovery points; null without plans."
  value       = one(aws_iam_role.backup[*].arn)
}

output "restore_role_arn" {
  description = "ARN of the role by which AWS Backup restores."
  value       = aws_iam_role.restore.arn
}
