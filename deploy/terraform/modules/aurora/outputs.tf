output "cluster_arn" {
  description = "ARN of the cluster."
  value       = aws_rds_cluster.this.arn
}

output "cluster_identifier" {
  description = "Identifier of the cluster, as metrics have it."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "instance_identifiers" {
  description = "Identifiers of the instances. Which of them writes changes with each failover."
  value       = aws_rds_cluster_instance.this[*].identifier
}

output "cluster_resource_id" {
  description = "What rds-db:connect names in policies of clients that sign in by IAM to the cluster itself."
  value       = aws_rds_cluster.this.cluster_resource_id
}

output "endpoint" {
  description = "The writer's address."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Address of the readers."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "port" {
  description = "Port of PostgreSQL."
  value       = aws_rds_cluster.this.port
}

output "proxy_endpoint" {
  description = "The proxy's address: TLS and IAM sign-in."
  value       = aws_db_proxy.this.endpoint
}

output "proxy_reader_endpoint" {
  description = "The proxy's address for the readers; null where there is none."
  value       = one(aws_db_proxy_endpoint.reader[*].endpoint)
}

output "proxy_resource_id" {
  description = "What rds-db:connect names in policies of the proxy's clients."
  value       = element(split(":", aws_db_proxy.this.arn), 6)
}

output "master_secret_arn" {
  description = "Secret of the master user (username, password)."
  value       = local.master_secret_arn
}

output "global_cluster_id" {
  description = "Identifier of the global database; null where there is none."
  value       = var.global == null ? null : var.global.identifier
}
