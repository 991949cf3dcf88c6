# The way in of one region: a load balancer that answers nobody but our distribution (module edge/global), which filters and
# answers the world. What is behind it (Tidewatch's gateway and feeds) puts itself into the target groups.
locals {
  origin_domain = "origin.${var.domain}"

  # CloudFront's word on the viewer's handshake, such as TLSv1.3:TLS_AES_128_GCM_SHA256:connectionReused. A viewer can't send one of
  # its own: CloudFront writes over it.
  conditions = concat(
    var.tls13_only ? [{ header = "CloudFront-Viewer-TLS", value = "TLSv1.3:*" }] : [],
    var.origin_header == null ? [] : [{ header = var.origin_header.name, value = var.origin_header.value }],
  )
}

resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28:the firewall is the distribution's, and nobody else can reach this load balancer
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = !var.public
  subnets                    = var.subnet_ids
  security_groups            = var.security_group_ids
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = var.deletion_protection
  # A zone can be taken out by hand, or by AWS, while it is impaired.
  enable_zonal_shift = true
  # Firehose and agents send large bodies, and wait for the answer.
  idle_timeout = 120

  access_logs {
    enabled = true
    bucket  = var.access_logs.bucket
    prefix  = var.access_logs.prefix
  }
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:the protocol is HTTPS where the target doesn't say otherwise
  for_each = var.targets

  # With the port, so that a new group can be there before the former goes.
  name             = "${var.name}-${each.key}-${each.value.port}"
  vpc_id           = var.vpc_id
  target_type      = "ip"
  port             = each.value.port
  protocol         = each.value.protocol
  protocol_version = "HTTP1"
  # Longer than a request lasts, shorter than what a pod has to end.
  deregistration_delay = 60

  health_check {
    protocol            = each.value.protocol
    path                = each.value.health_path
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  # TLS 1.3, and 1.2 with forward secrecy alone: CloudFront speaks 1.2 to origins.
  ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn = aws_acm_certificate_validation.this.certificate_arn

  # Names neither product nor version.
  routing_http_response_server_enabled = false

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
      message_body = var.tls13_only ? "TLS 1.3 is required." : "Forbidden."
    }
  }
}

resource "aws_lb_listener_rule" "this" {
  for_each = var.targets

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority

  dynamic "condition" {
    for_each = nonsensitive(range(length(local.conditions)))

    content {
      http_header {
        http_header_name = local.conditions[condition.value].header
        values           = [local.conditions[condition.value].value]
      }
    }
  }

  condition {
    path_pattern {
      values = length(each.value.paths) == 0 ? ["/*"] : each.value.paths
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}

# Route 53's checkers promise no more than TLS 1.2, and whether it lives is no secret.
resource "aws_lb_listener_rule" "health" {
  count = var.tls13_only ? 1 : 0

  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  dynamic "condition" {
    for_each = nonsensitive(var.origin_header == null) ? [] : [1]

    content {
      http_header {
        http_header_name = var.origin_header.name
        values           = [var.origin_header.value]
      }
    }
  }

  condition {
    path_pattern {
      values = [var.targets["gateway"].health_path]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["gateway"].arn
  }
}
