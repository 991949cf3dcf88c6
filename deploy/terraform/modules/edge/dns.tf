resource "aws_acm_certificate" "this" {
  # CloudFront asks for origin.DOMAIN and sends the client's Host, which the certificate must name as well.
  domain_name               = local.origin_domain
  subject_alternative_names = [var.domain]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  proofs = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }
}

# ACM asks for the same record for one name of one account in each region, so these prove the secondary's certificate and the
# distribution's too, and the primary alone makes them.
resource "aws_route53_record" "validation" {
  for_each = toset(var.role == "secondary" ? [] : [local.origin_domain, var.domain])

  zone_id = var.zone_id
  name    = local.proofs[each.key].resource_record_name
  type    = local.proofs[each.key].resource_record_type
  ttl     = 300
  records = [local.proofs[each.key].resource_record_value]
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn = aws_acm_certificate.this.arn
  depends_on      = [aws_route53_record.validation]
}

# Route 53's own probes come from addresses that the security group keeps out, so it goes by the load balancer's count of healthy
# targets: nothing is opened for it.
resource "aws_cloudwatch_metric_alarm" "no_healthy_target" {
  alarm_name          = "${var.name}-edge-no-healthy-target"
  alarm_description   = "No target of ${local.origin_domain} is healthy in this region: clients are refused, or go to the second region."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  dimensions = {
    LoadBalancer = aws_lb.this.arn_suffix
    TargetGroup  = aws_lb_target_group.this["gateway"].arn_suffix
  }
}

resource "aws_route53_health_check" "this" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = aws_cloudwatch_metric_alarm.no_healthy_target.alarm_name
  cloudwatch_alarm_region         = data.aws_region.current.name
  insufficient_data_health_status = "Unhealthy"

  tags = { Name = "${var.name}-edge" }
}

data "aws_region" "current" {}

resource "aws_route53_record" "origin" {
  #checkov:skip=CKV2_AWS_23:the alias is this module's load balancer
  count = var.public ? 1 : 0

  zone_id         = var.zone_id
  name            = local.origin_domain
  type            = "A"
  set_identifier  = var.role == "single" ? null : var.role
  health_check_id = var.role == "single" ? null : aws_route53_health_check.this.id

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }

  dynamic "failover_routing_policy" {
    for_each = var.role == "single" ? [] : [upper(var.role)]

    content {
      type = failover_routing_policy.value
    }
  }
}
