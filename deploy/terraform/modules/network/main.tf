# Three tiers in each zone: public subnets for load balancers and NAT, private ones for what computes, and database subnets from which no
# route leads out.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  zones = concat(var.zones, var.standby_zones)

  # Of 10.0.0.0/16: private 10.0.0.0, .32.0, .64.0 /19; public 10.0.96.0, .100.0, .104.0 /22; database 10.0.112.0, .113.0, .114.0 /24. Pods
  # have addresses of private subnets, therefore 8,187 in each. From 10.0.128.0 on all is free.
  blocks = {
    for place, zone in local.zones : zone => {
      private  = cidrsubnet(var.cidr, 3, place)
      public   = cidrsubnet(var.cidr, 6, 24 + place)
      database = cidrsubnet(var.cidr, 8, 112 + place)
    }
  }

  nat_zones = { zone = var.zones, one = slice(var.zones, 0, 1), none = [] }[var.nat]
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = length(local.zones) >= 2 && length(local.zones) <= 3 && length(distinct(local.zones)) == length(local.zones)
      error_message = "zones and standby_zones must together name two or three zones, each once: EKS, RDS and load balancers refuse subnets in a single zone. For work in one zone name a second in standby_zones, which costs nothing."
    }
  }
}

# Without rules: what is started without a group of its own can speak to nobody.
resource "aws_default_security_group" "this" {
  vpc_id  = aws_vpc.this.id
  ingress = []
  egress  = []

  tags = { Name = "${var.name}-default-unused" }
}

resource "aws_subnet" "public" {
  for_each = local.blocks

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.public

  tags = { Name = "${var.name}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "private" {
  for_each = local.blocks

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.private

  tags = { Name = "${var.name}-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "database" {
  for_each = local.blocks

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.database

  tags = { Name = "${var.name}-database-${each.key}" }
}
