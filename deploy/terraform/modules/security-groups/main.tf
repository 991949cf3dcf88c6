# Who may speak to whom. A group here names other groups, never addresses, but for CloudFront's list into the load balancer and the nodes'
# way out to AWS and to those who are paged. What has no rule here has no way: databases, caches and brokers begin nothing. On EKS a node has the
# group that EKS makes as well, whose way out is open and stays so: there it is network policies that say whom a pod may call.

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${data.aws_region.this.name}.s3"
}

data "aws_region" "this" {}

locals {
  groups = {
    alb        = "Load balancer: HTTPS from CloudFront alone"
    nodes      = "Nodes and tasks that run Tidewatch"
    postgresql = "PostgreSQL: from nodes and the proxy"
    proxy      = "RDS proxy: from nodes"
    redis      = "Redis: from nodes"
    msk        = "Kafka brokers: from nodes and from one another"
    packages   = "Hosts that install packages and speak to AWS: nothing in"
  }

  # 9094 TLS with certificates or none, 9096 SCRAM, 9098 IAM; all three encrypt. 9092 doesn't.
  kafka_ports = concat(var.msk_plaintext ? [9092] : [], [9094, 9096, 9098])
  # Open monitoring: the brokers' own metrics, and those of their hosts.
  monitoring_ports = [11001, 11002]

  # Each is a way from one group to another on one port. Both ends have a rule: in at the second, out at the first.
  ways = merge(
    { for port in var.alb_target_ports : "alb-nodes-${port}" => { from = "alb", to = "nodes", port = port, what = "Requests and health checks" } },
    {
      "nodes-postgresql-5432" = { from = "nodes", to = "postgresql", port = 5432, what = "PostgreSQL" }
      "nodes-proxy-5432"      = { from = "nodes", to = "proxy", port = 5432, what = "PostgreSQL through the proxy" }
      "proxy-postgresql-5432" = { from = "proxy", to = "postgresql", port = 5432, what = "PostgreSQL for the proxy" }
      "nodes-redis-6379"      = { from = "nodes", to = "redis", port = 6379, what = "Redis" }
    },
    { for port in local.kafka_ports : "nodes-msk-${port}" => { from = "nodes", to = "msk", port = port, what = "Kafka" } },
    { for port in local.kafka_ports : "msk-msk-${port}" => { from = "msk", to = "msk", port = port, what = "Kafka between brokers and for replication" } },
    { for port in local.monitoring_ports : "nodes-msk-${port}" => { from = "nodes", to = "msk", port = port, what = "Prometheus scrapes brokers" } },
  )
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:what a group is for is made by other modules, which take its id
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "way" {
  for_each = local.ways

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = "${each.value.what}, from ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_egress_rule" "way" {
  for_each = local.ways

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = "${each.value.what}, to ${each.value.to}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = each.key }
}

# Operators and runners, which list topics and move offsets. Their own group lets them out.
resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each = { for way in setproduct(var.admin_security_group_ids, [9096, 9098]) : "${way[0]}-msk-${way[1]}" => { from = way[0], port = way[1] } }

  security_group_id            = aws_security_group.this["msk"].id
  referenced_security_group_id = each.value.from
  description                  = "Kafka, from operators and runners"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = each.key }
}

# The list counts for 55 of the 60 rules that a group may have: there is room for one such rule and no second.
resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  security_group_id = aws_security_group.this["alb"].id
  description       = "HTTPS from CloudFront"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "cloudfront-alb-443" }
}

# Pods speak to pods on other nodes by their own addresses, DNS among them; a network policy says which.
resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.this["nodes"].id
  referenced_security_group_id = aws_security_group.this["nodes"].id
  description                  = "Pods and nodes among themselves"
  ip_protocol                  = "-1"

  tags = { Name = "nodes-nodes" }
}

resource "aws_vpc_security_group_egress_rule" "nodes" {
  security_group_id            = aws_security_group.this["nodes"].id
  referenced_security_group_id = aws_security_group.this["nodes"].id
  description                  = "Pods and nodes among themselves"
  ip_protocol                  = "-1"

  tags = { Name = "nodes-nodes" }
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this["nodes"].id
  description       = "AWS APIs, image layers, PagerDuty and other sinks by TLS: their addresses are no list"
  cidr_ipv4         = var.internet ? "0.0.0.0/0" : var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "nodes-https" }
}

# Ubuntu's mirrors speak HTTP alone; what comes is signed, and apt looks.
resource "aws_vpc_security_group_egress_rule" "packages" {
  for_each = var.internet ? { http = 80, https = 443 } : {}

  security_group_id = aws_security_group.this["packages"].id
  description       = "Packages and AWS APIs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value

  tags = { Name = "packages-${each.key}" }
}

# S3 has public addresses behind its gateway endpoint, too.
resource "aws_vpc_security_group_egress_rule" "s3" {
  count = var.internet ? 0 : 1

  security_group_id = aws_security_group.this["nodes"].id
  description       = "Objects and image layers, by the gateway endpoint"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "nodes-s3" }
}
