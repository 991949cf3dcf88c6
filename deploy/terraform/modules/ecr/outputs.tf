output "repository_urls" {
  description = "By repository, without a tag."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "repository_arns" {
  description = "By repository."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}

output "pull_policy_arn" {
  description = "For roles of this account: signing in to the registry, and pulling from these repositories alone."
  value       = aws_iam_policy.pull.arn
}
