output "cluster_arn" {
  description = "ARN of the cluster, for policies of IAM."
  value       = var.serverless ? aws_msk_serverless_cluster.this[0].arn : aws_msk_cluster.this[0].arn
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = var.name
}

output "bootstrap_brokers_iam" {
  description = "Brokers for clients that sign in by IAM (port 9098)."
  value       = var.serverless ? aws_msk_serverless_cluster.this[0].bootstrap_brokers_sasl_iam : aws_msk_cluster.this[0].bootstrap_brokers_sasl_iam
}

output "bootstrap_brokers_scram" {
  description = "Brokers for clients that sign in by SCRAM (port 9096); null where serverless."
  value       = one(aws_msk_cluster.this[*].bootstrap_brokers_sasl_scram)
}

output "bootstrap_brokers_tls" {
  description = "Brokers for clients that sign in with a certificate (port 9094); empty without client_ca_arns, null where serverless."
  value       = one(aws_msk_cluster.this[*].bootstrap_brokers_tls)
}

output "scram_secret_arn" {
  description = "Secret of the SCRAM user (username, password); null where serverless."
  value       = one(aws_secretsmanager_secret.scram[*].arn)
}

output "monitoring_ports" {
  description = "Ports of each broker that Prometheus reads; null where serverless."
  value       = var.serverless ? null : { jmx = 11001, node = 11002 }
}

output "log_group_name" {
  description = "Log group of the brokers; null where serverless."
  value       = one(aws_cloudwatch_log_group.brokers[*].name)
}

output "replicator_arn" {
  description = "ARN of the replicator from the first region's cluster; null where there is none."
  value       = one(aws_msk_replicator.this[*].arn)
}

output "replicator_name" {
  description = "Name of the replicator, as metrics have it; null where there is none."
  value       = one(aws_msk_replicator.this[*].replicator_name)
}

output "brokers" {
  description = "Number of brokers; null where serverless."
  value       = var.serverless ? null : local.brokers
}
