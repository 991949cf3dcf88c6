output "key_arns" {
  description = "By purpose: `data`, `logs`, `audit`, `secrets`."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}

output "key_ids" {
  description = "By purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.key_id }
}

output "alias_names" {
  description = "By purpose."
  value       = { for purpose, alias in aws_kms_alias.this : purpose => alias.name }
}
