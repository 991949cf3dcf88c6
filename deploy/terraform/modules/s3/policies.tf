# Who may write into a bucket beside the account's own roles: services that deliver, each into its folder and for this account's resources (or
# the organisation's trail). Nobody may by less than TLS 1.2.

locals {
  delivery_prefixes = { config = "config", kafka = "msk/${var.name}", load_balancer = "load-balancer", s3 = "s3" }

  trail_account_id = coalesce(var.trail.account_id, local.account_id)
  trail_arn        = "arn:${local.partition}:cloudtrail:*:${local.trail_account_id}:trail/*"
  of_this_account  = { "aws:SourceAccount" = local.account_id }
  from_trail       = { "aws:SourceArn" = local.trail_arn }
  from_vended_logs = { "aws:SourceArn" = "arn:${local.partition}:logs:${data.aws_region.this.name}:${local.account_id}:*" }

  # Each may look at the bucket and write into folders. AWS's examples ask for the ACL bucket-owner-full-control as well: where buckets have no ACLs
  # it says nothing, and would refuse a service that sends none.
  deliveries = {
    logs = {
      # Of flow logs, and of Kafka's brokers.
      VendedLogs = {
        service = "delivery.logs.amazonaws.com"
        look    = ["s3:GetBucketAcl", "s3:ListBucket"]
        where   = ["${local.arns.logs}/AWSLogs/${local.account_id}/vpcflowlogs/*", "${local.arns.logs}/${local.delivery_prefixes.kafka}/*"]
        only_if = { StringEquals = local.of_this_account, ArnLike = local.from_vended_logs }
      }
      Config = {
        service = "config.amazonaws.com"
        look    = ["s3:GetBucketAcl", "s3:ListBucket"]
        where   = "${local.arns.logs}/${local.delivery_prefixes.config}/AWSLogs/${local.account_id}/Config/*"
        only_if = { StringEquals = local.of_this_account }
      }
    }
    # Locked when it is written: CloudTrail writes each file once, and never again.
    audit = {
      CloudTrail = {
        service = "cloudtrail.amazonaws.com"
        look    = ["s3:GetBucketAcl"]
        # A trail of the organisation writes below its id, and below the account that it is of.
        where   = [for owner in compact([local.trail_account_id, var.trail.organization_id]) : "${local.arns.audit}/AWSLogs/${owner}/*"]
        only_if = { ArnLike = local.from_trail }
      }
    }
    access = {
      LoadBalancers = {
        service = "logdelivery.elasticloadbalancing.amazonaws.com"
        look    = []
        where   = "${local.arns.access}/${local.delivery_prefixes.load_balancer}/AWSLogs/${local.account_id}/*"
        only_if = { ArnLike = { "aws:SourceArn" = "arn:${local.partition}:elasticloadbalancing:${data.aws_region.this.name}:${local.account_id}:loadbalancer/*" } }
      }
      AccessLogs = {
        service = "logging.s3.amazonaws.com"
        look    = []
        where   = "${local.arns.access}/${local.delivery_prefixes.s3}/*"
        only_if = { StringEquals = local.of_this_account, ArnLike = { "aws:SourceArn" = [for purpose, arn in local.arns : arn if purpose != "access"] } }
      }
    }
  }

  statements = {
    for purpose, arn in local.arns : purpose => concat(
      [
        {
          Sid       = "NoPlainHTTP"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "s3:*"
          Resource  = [arn, "${arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          Sid       = "NoOldTLS"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "s3:*"
          Resource  = [arn, "${arn}/*"]
          Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
        },
      ],
      [for name, delivery in lookup(local.deliveries, purpose, {}) : {
        Sid       = "${name}Look"
        Effect    = "Allow"
        Principal = { Service = delivery.service }
        Action    = delivery.look
        Resource  = arn
        Condition = delivery.only_if
      } if length(delivery.look) > 0],
      [for name, delivery in lookup(local.deliveries, purpose, {}) : {
        Sid       = "${name}Write"
        Effect    = "Allow"
        Principal = { Service = delivery.service }
        Action    = "s3:PutObject"
        Resource  = delivery.where
        Condition = delivery.only_if
      }],
    )
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.purposes

  bucket = aws_s3_bucket.this[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
