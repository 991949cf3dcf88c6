output "distribution_id" {
  value = aws_cloudfront_distribution.this.id
}

output "distribution_domain_name" {
  description = "CloudFront's own name of it."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "web_acl_arn" {
  value = aws_wafv2_web_acl.this.arn
}

output "health_check_id" {
  description = "Route 53's view from outside; its metrics are in us-east-1."
  value       = aws_route53_health_check.this.id
}

output "log_group_names" {
  description = "By what is in them: requests, firewall."
  value       = { requests = aws_cloudwatch_log_group.requests.name, firewall = aws_cloudwatch_log_group.firewall.name }
}
