output "alb_id" {
  description = "Of the load balancer: 443 from CloudFront."
  value       = aws_security_group.this["alb"].id
}

output "nodes_id" {
  description = "Of nodes and Fargate tasks. On EKS it comes beside the cluster's own group, by which control plane and nodes speak."
  value       = aws_security_group.this["nodes"].id
}

output "postgresql_id" {
  description = "Of Aurora and the PostgreSQL instance for time series."
  value       = aws_security_group.this["postgresql"].id
}

output "proxy_id" {
  description = "Of the RDS proxy."
  value       = aws_security_group.this["proxy"].id
}

output "redis_id" {
  value = aws_security_group.this["redis"].id
}

output "msk_id" {
  description = "Of the brokers, and of what replicates between clusters."
  value       = aws_security_group.this["msk"].id
}

output "packages_id" {
  description = "Of a host that has its packages from the internet, such as the PostgreSQL instance for time series: HTTP and HTTPS out, and nothing in."
  value       = aws_security_group.this["packages"].id
}
