# AWS's services without the internet: S3 and DynamoDB by routes, which cost nothing, others by interfaces in the zones with work.

locals {
  # Without NAT a node joins its cluster, and gets addresses and credentials for its pods, by these alone.
  joining = var.nat == "none" ? ["autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing"] : []

  account_id = data.aws_caller_identity.this.account_id
  region     = data.aws_region.this.name
  partition  = data.aws_partition.this.partition

  of_this_account = {
    Sid       = "PrincipalsOfThisAccount"
    Effect    = "Allow"
    Principal = "*"
    Action    = "*"
    Resource  = "*"
    Condition = { StringEquals = { "aws:PrincipalAccount" = local.account_id } }
  }

  # Credentials of another account carry nothing out by this way. Layers of images, packages of Amazon Linux and what Systems Manager's agent
  # installs lie in AWS's own buckets, read without credentials or by links that AWS's accounts have signed.
  gateway_statements = {
    dynamodb = [local.of_this_account]
    s3 = [local.of_this_account, {
      Sid       = "ImagesAndPackages"
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource = [
        "arn:${local.partition}:s3:::prod-${local.region}-starport-layer-bucket/*",
        "arn:${local.partition}:s3:::al2023-repos-${local.region}-*/*",
        "arn:${local.partition}:s3:::amazon-ssm-${local.region}/*",
        "arn:${local.partition}:s3:::amazon-ssm-packages-${local.region}/*",
        "arn:${local.partition}:s3:::aws-ssm-${local.region}/*",
        "arn:${local.partition}:s3:::aws-ssm-document-attachments-${local.region}/*",
        "arn:${local.partition}:s3:::aws-ssm-distributor-file-${local.region}/*",
        "arn:${local.partition}:s3:::${local.region}-birdwatcher-prod/*",
      ]
    }]
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_statements

  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  policy            = jsonencode({ Version = "2012-10-17", Statement = each.value })

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = setunion(var.interface_endpoints, local.joining)

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  subnet_ids          = [for zone in var.zones : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints of AWS services: 443 from the VPC"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "AWS APIs by TLS from the VPC"
  cidr_ipv4         = aws_vpc.this.cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
