output "role_arns" {
  description = "By part: `consumer`, `gateway`, `s3-reader`, `reporter`, `external-secrets`, and `load-balancer` and `auditor` where they have something to do. A service account's annotation `eks.amazonaws.com/role-arn` has it with IRSA."
  value       = { for part, role in aws_iam_role.this : part => role.arn }
}

output "role_names" {
  description = "By part."
  value       = { for part, role in aws_iam_role.this : part => role.name }
}

output "service_accounts" {
  description = "Namespace and name of the service account that takes each role, for Pod Identity associations."
  value       = local.pods
}
