mock_provider "aws" {
  override_during = plan

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/tidewatch-test/11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-tidewatch-test" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = { arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE" }
  }
  mock_resource "aws_cloudwatch_log_delivery_destination" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:tidewatch-test-requests" }
  }
}

variables {
  name            = "tidewatch-test"
  domain          = "telemetry.example.org"
  zone_id         = "Z0123456789ABCDEFGHIJ"
  origin          = { domain = "origin.telemetry.example.org", internal_load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/tidewatch-test/0123456789abcdef" }
  log_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
}

run "internal_origin" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "https-only" && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "clients may come without TLS, or with versions before 1.2"
  }
  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.this.arn
    error_message = "the firewall is not before the distribution"
  }
  assert {
    condition     = contains(one(aws_cloudfront_origin_request_policy.this.headers_config[0].headers).items, "CloudFront-Viewer-TLS")
    error_message = "the load balancer is not told what TLS the client speaks, and refuses all"
  }
  assert {
    condition     = one(aws_cloudfront_vpc_origin.this[0].vpc_origin_endpoint_config).origin_protocol_policy == "https-only" && length(one(aws_cloudfront_distribution.this.origin).custom_origin_config) == 0
    error_message = "the internal load balancer is reached over the internet, or without TLS"
  }
  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this.rule : rule.name]) == toset(["rate", "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet"]) && aws_wafv2_web_acl.this.scope == "CLOUDFRONT"
    error_message = "rules of the firewall are missing"
  }
  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : rule.name == "rate" ? length(one(rule.action).block) == 1 : length(one(rule.override_action).none) == 1])
    error_message = "the firewall counts what it should refuse"
  }
  assert {
    condition     = contains([for item in one(one([for rule in aws_wafv2_web_acl.this.rule : rule if rule.name == "AWSManagedRulesCommonRuleSet"]).statement).managed_rule_group_statement[0].rule_action_override : item.name], "SizeRestrictions_BODY")
    error_message = "bodies above 8 KB are refused, which telemetry has"
  }
  assert {
    condition = alltrue([for group, bodies in {
      AWSManagedRulesKnownBadInputsRuleSet = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"]
      AWSManagedRulesCommonRuleSet         = ["SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY"]
    } : length(setsubtract(bodies, [for item in one(one([for rule in aws_wafv2_web_acl.this.rule : rule if rule.name == group]).statement).managed_rule_group_statement[0].rule_action_override : item.name if length(item.action_to_use[0].count) == 1])) == 0])
    error_message = "telemetry that tells of an attack is taken for one"
  }
  assert {
    condition     = contains([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : one(field.single_header).name], "x-amz-firehose-access-key")
    error_message = "Firehose's access key is in the firewall's log"
  }
  assert {
    condition     = aws_cloudwatch_log_group.firewall.kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.requests.kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.requests.retention_in_days == 365
    error_message = "logs are not encrypted with the key of logs, or are not kept for a year"
  }
  assert {
    condition = alltrue([
      one(aws_cloudfront_response_headers_policy.this.security_headers_config).strict_transport_security[0].access_control_max_age_sec >= 31536000,
      one(aws_cloudfront_response_headers_policy.this.security_headers_config).frame_options[0].frame_option == "DENY",
      strcontains(one(aws_cloudfront_response_headers_policy.this.security_headers_config).content_security_policy[0].content_security_policy, "default-src 'none'"),
    ])
    error_message = "answers may be framed, run as pages, or be asked for without TLS"
  }
}

run "public_origin" {
  command = plan

  variables {
    origin        = { domain = "origin.telemetry.example.org" }
    origin_header = { value = "0123456789abcdef0123456789abcdef" }
  }

  assert {
    condition     = one(one(aws_cloudfront_distribution.this.origin).custom_origin_config).origin_protocol_policy == "https-only" && one(one(aws_cloudfront_distribution.this.origin).custom_origin_config).origin_ssl_protocols == toset(["TLSv1.2"])
    error_message = "the origin is reached without TLS 1.2"
  }
  assert {
    condition     = one(one(aws_cloudfront_distribution.this.origin).custom_header).value == "0123456789abcdef0123456789abcdef"
    error_message = "the load balancer can't tell our distribution from others"
  }
}
