output "load_balancer_arn" {
  value = aws_lb.this.arn
}

output "load_balancer_arn_suffix" {
  description = "As metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arns" {
  description = "By short name, for TargetGroupBindings and the role of the load balancer controller."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn }
}

output "target_group_arn_suffixes" {
  description = "By short name, as metrics name them."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn_suffix }
}

output "listener_arn" {
  value = aws_lb_listener.https.arn
}

output "origin" {
  description = "What the module edge/global takes: the name of the origin, and the load balancer where it is internal."
  value = {
    domain = local.origin_domain
    # format is never null, which edge/global has to know before the load balancer is there.
    internal_load_balancer_arn = var.public ? null : format("%s", aws_lb.this.arn)
  }

  # The distribution's certificate is proven by the same records.
  depends_on = [aws_acm_certificate_validation.this, aws_lb_listener.https]
}

output "health_check_id" {
  description = "Healthy while a target of this region is."
  value       = aws_route53_health_check.this.id
}

output "alarm_name" {
  description = "Alarm of no healthy target."
  value       = aws_cloudwatch_metric_alarm.no_healthy_target.alarm_name
}
