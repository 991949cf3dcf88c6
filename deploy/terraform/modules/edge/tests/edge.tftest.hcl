mock_provider "aws" {
  override_during = plan

  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_route53_health_check" {
    defaults = { id = "11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/tidewatch-test/0123456789abcdef" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/tidewatch-test/0123456789abcdef/0123456789abcdef" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/tidewatch-test-gateway/0123456789abcdef" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"
      domain_validation_options = [
        { domain_name = "telemetry.example.org", resource_record_name = "_a.telemetry.example.org.", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws." },
        { domain_name = "origin.telemetry.example.org", resource_record_name = "_c.origin.telemetry.example.org.", resource_record_type = "CNAME", resource_record_value = "_d.acm-validations.aws." },
      ]
    }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111" }
  }
}

variables {
  name               = "tidewatch-test"
  domain             = "telemetry.example.org"
  zone_id            = "Z0123456789ABCDEFGHIJ"
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  access_logs        = { bucket = "tidewatch-test-access", prefix = "load-balancer" }
}

run "internal" {
  command = plan

  assert {
    condition     = aws_lb.this.internal
    error_message = "the load balancer has public addresses that nobody asked for"
  }
  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest" && aws_lb.this.enable_deletion_protection
    error_message = "the load balancer passes on invalid headers, or can be deleted at once"
  }
  assert {
    condition     = one(aws_lb.this.access_logs).enabled && one(aws_lb.this.access_logs).bucket == "tidewatch-test-access"
    error_message = "requests at the load balancer are not logged"
  }
  assert {
    condition     = aws_lb_listener.https.port == 443 && aws_lb_listener.https.protocol == "HTTPS" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "the load balancer listens without TLS, or with versions before 1.2"
  }
  assert {
    condition     = one(aws_lb_listener.https.default_action).type == "fixed-response" && one(one(aws_lb_listener.https.default_action).fixed_response).status_code == "403"
    error_message = "what no rule lets in is not refused"
  }
  assert {
    condition     = flatten([for condition in aws_lb_listener_rule.health[0].condition : [for path in condition.path_pattern : path.values]]) == ["/healthz"] && flatten([for condition in aws_lb_listener_rule.health[0].condition : condition.http_header]) == [] && aws_lb_listener_rule.health[0].priority < aws_lb_listener_rule.this["gateway"].priority
    error_message = "Route 53's checkers, which may speak TLS 1.2, are refused, or others than they as well let in"
  }
  assert {
    condition     = contains(flatten([for condition in aws_lb_listener_rule.this["gateway"].condition : [for header in condition.http_header : header.values if header.http_header_name == "CloudFront-Viewer-TLS"]]), "TLSv1.3:*")
    error_message = "clients with TLS 1.2 are let in"
  }
  assert {
    condition     = aws_lb_target_group.this["gateway"].protocol == "HTTPS" && one(aws_lb_target_group.this["gateway"].health_check).protocol == "HTTPS"
    error_message = "what goes from the load balancer to the gateway is not encrypted"
  }
  assert {
    condition     = length(aws_route53_record.origin) == 0 && output.origin.internal_load_balancer_arn != null
    error_message = "an internal load balancer has a public name"
  }
  assert {
    condition     = { for domain, record in aws_route53_record.validation : domain => record.name } == { "telemetry.example.org" = "_a.telemetry.example.org.", "origin.telemetry.example.org" = "_c.origin.telemetry.example.org." }
    error_message = "the certificate has a name that nothing proves"
  }
}

run "primary_of_two_regions" {
  command = plan

  variables {
    role          = "primary"
    public        = true
    origin_header = { value = "0123456789abcdef0123456789abcdef" }
    targets = {
      gateway = { port = 8443 }
      feed    = { port = 8444, paths = ["/feed/*"], priority = 10 }
    }
  }

  assert {
    condition     = alltrue([for rule in concat(values(aws_lb_listener_rule.this), aws_lb_listener_rule.health) : contains(flatten([for condition in rule.condition : [for header in condition.http_header : header.http_header_name]]), "X-Origin-Verify")])
    error_message = "the public load balancer answers distributions of others"
  }
  assert {
    condition     = one(aws_route53_record.origin[0].failover_routing_policy).type == "PRIMARY" && aws_route53_record.origin[0].health_check_id == aws_route53_health_check.this.id && aws_route53_record.origin[0].set_identifier == "primary"
    error_message = "the origin's name does not fail over"
  }
  assert {
    condition     = aws_route53_health_check.this.type == "CLOUDWATCH_METRIC" && aws_route53_health_check.this.insufficient_data_health_status == "Unhealthy" && aws_cloudwatch_metric_alarm.no_healthy_target.treat_missing_data == "breaching"
    error_message = "a region of which nothing is known counts as healthy"
  }
  assert {
    condition     = one(flatten([for condition in aws_lb_listener_rule.this["feed"].condition : [for path in condition.path_pattern : path.values]])) == "/feed/*" && aws_lb_listener_rule.this["feed"].priority < aws_lb_listener_rule.this["gateway"].priority
    error_message = "the gateway takes the feed's paths"
  }
}

run "secondary_of_two_regions" {
  command = plan

  variables {
    role          = "secondary"
    public        = true
    origin_header = { value = "0123456789abcdef0123456789abcdef" }
  }

  assert {
    condition     = one(aws_route53_record.origin[0].failover_routing_policy).type == "SECONDARY" && length(aws_route53_record.validation) == 0
    error_message = "the second region takes the first one's records"
  }
}

run "public_without_header" {
  command = plan

  variables {
    public = true
  }

  expect_failures = [var.origin_header]
}

run "failover_of_an_internal_one" {
  command = plan

  variables {
    role = "primary"
  }

  expect_failures = [var.role]
}

run "catch_all_before_others" {
  command = plan

  variables {
    targets = {
      gateway = { port = 8443, priority = 1 }
      feed    = { port = 8444, paths = ["/feed/*"], priority = 10 }
    }
  }

  expect_failures = [var.targets]
}
