# What the world reaches: one distribution for all regions of an estate, as a name has one alone. CloudFront takes its certificate,
# its firewall and their logs from us-east-1: give this module that region's provider.
#
# AWS has TLSv1.3_2025 as the least version; this provider knows TLSv1.2_2021 at most, with which TLS 1.3 is chosen wherever the client
# has it. The module edge refuses those who don't (tls13_only).
resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_310:the origin's name fails over in Route 53, also for POST, which an origin group doesn't repeat
  #checkov:skip=CKV_AWS_86:requests are logged by a delivery to CloudWatch Logs, encrypted, where the former kind needs a bucket with ACLs
  #checkov:skip=CKV_AWS_305:there is no page
  #checkov:skip=CKV_AWS_374:telemetry comes from wherever the estate has regions; allowed_countries restricts it
  #checkov:skip=CKV2_AWS_47:the rules against Log4j are among those of the firewall beside it
  enabled         = true
  comment         = var.name
  aliases         = [var.domain]
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = "load-balancer"
    domain_name = var.origin.domain

    dynamic "custom_origin_config" {
      for_each = var.origin.internal_load_balancer_arn == null ? [1] : []

      content {
        http_port                = 80
        https_port               = 443
        origin_protocol_policy   = "https-only"
        origin_ssl_protocols     = ["TLSv1.2"]
        origin_read_timeout      = 60
        origin_keepalive_timeout = 60
      }
    }

    dynamic "vpc_origin_config" {
      for_each = aws_cloudfront_vpc_origin.this

      content {
        vpc_origin_id            = vpc_origin_config.value.id
        origin_read_timeout      = 60
        origin_keepalive_timeout = 60
      }
    }

    dynamic "custom_header" {
      for_each = nonsensitive(var.origin_header == null) ? [] : [1]

      content {
        name  = var.origin_header.name
        value = var.origin_header.value
      }
    }
  }

  default_cache_behavior {
    target_origin_id       = "load-balancer"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    # AWS's own policy CachingDisabled, which has this id in all accounts: answers depend on who asks.
    cache_policy_id            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.this.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.allowed_countries) == 0 ? "none" : "whitelist"
      locations        = var.allowed_countries
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.this.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

resource "aws_cloudfront_vpc_origin" "this" {
  count = var.origin.internal_load_balancer_arn == null ? 0 : 1

  vpc_origin_endpoint_config {
    name                   = var.name
    arn                    = var.origin.internal_load_balancer_arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

resource "aws_cloudfront_origin_request_policy" "this" {
  name    = var.name
  comment = "All that the client sent, its Host as well, and what it negotiated"

  headers_config {
    header_behavior = "allViewerAndWhitelistCloudFront"

    headers {
      items = ["CloudFront-Viewer-TLS"]
    }
  }

  query_strings_config {
    query_string_behavior = "all"
  }

  # Nothing behind it has sessions.
  cookies_config {
    cookie_behavior = "none"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:only preload is missing, which the owner of the whole domain decides on: browsers keep it for years
  name    = var.name
  comment = "Answers are data: nothing in them may run, be framed or be guessed at"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = false
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }

    content_security_policy {
      content_security_policy = "default-src 'none'; frame-ancestors 'none'"
      override                = true
    }
  }

  remove_headers_config {
    items {
      header = "Server"
    }
  }
}

# Proven by the records that the module edge makes: ACM asks for the same one for a name in every region.
resource "aws_acm_certificate" "this" {
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn = aws_acm_certificate.this.arn
}

resource "aws_route53_record" "this" {
  #checkov:skip=CKV2_AWS_23:the alias is this module's distribution
  for_each = toset(["A", "AAAA"])

  zone_id = var.zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}

# From outside, as clients see it, at /healthz of whatever region answers.
resource "aws_route53_health_check" "this" {
  type              = "HTTPS"
  fqdn              = var.domain
  port              = 443
  resource_path     = "/healthz"
  request_interval  = 30
  failure_threshold = 3
  enable_sni        = true

  tags = { Name = var.domain }
}
