output "arn" {
  description = "ARN of the replication group, for elasticache:Connect in policies of clients."
  value       = aws_elasticache_replication_group.this.arn
}

output "id" {
  description = "Id of the replication group; clients sign their token with it."
  value       = aws_elasticache_replication_group.this.id
}

output "primary_endpoint" {
  description = "Address that takes writes."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "reader_endpoint" {
  description = "Address of the replicas."
  value       = aws_elasticache_replication_group.this.reader_endpoint_address
}

output "port" {
  description = "Port of Redis, by TLS."
  value       = aws_elasticache_replication_group.this.port
}

output "user_ids" {
  description = "Ids of the users who sign in by IAM, by their keys in `users`; they are their names as well."
  value       = { for key, user in aws_elasticache_user.iam : key => user.user_id }
}

output "user_arns" {
  description = "ARNs of the users, for elasticache:Connect in policies of clients."
  value       = { for key, user in aws_elasticache_user.iam : key => user.arn }
}
