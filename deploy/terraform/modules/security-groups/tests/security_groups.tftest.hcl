mock_provider "aws" {
  mock_data "aws_ec2_managed_prefix_list" {
    defaults = { id = "pl-cloudfront" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }

  # Ids that are known when planned, another for each, so that who may speak to whom can be asserted.
  mock_resource "aws_security_group" {
    override_during = plan
    defaults        = {}
  }
}

variables {
  name     = "tidewatch-test"
  vpc_id   = "vpc-1"
  vpc_cidr = "10.0.0.0/16"
}

run "by_default" {
  command = plan

  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_ingress_rule.way), [aws_vpc_security_group_ingress_rule.cloudfront, aws_vpc_security_group_ingress_rule.nodes]) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null])
    error_message = "a group is open to addresses instead of to another group"
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.admin) == 0
    error_message = "somebody is let in to the brokers whom nobody named"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.cloudfront.prefix_list_id == "pl-cloudfront" && aws_vpc_security_group_ingress_rule.cloudfront.security_group_id == output.alb_id
    error_message = "the load balancer takes requests that didn't come by CloudFront and its firewall"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.cloudfront.ip_protocol == "tcp" && aws_vpc_security_group_ingress_rule.cloudfront.from_port == 443 && aws_vpc_security_group_ingress_rule.cloudfront.to_port == 443
    error_message = "the load balancer listens to CloudFront on another port than 443"
  }

  assert {
    condition = toset([for rule in aws_vpc_security_group_ingress_rule.way : "${coalesce(rule.referenced_security_group_id, "anybody")} ${rule.security_group_id} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"]) == toset(concat(
      ["${output.alb_id} ${output.nodes_id} tcp 8080-8080"],
      ["${output.nodes_id} ${output.postgresql_id} tcp 5432-5432", "${output.nodes_id} ${output.proxy_id} tcp 5432-5432", "${output.proxy_id} ${output.postgresql_id} tcp 5432-5432"],
      ["${output.nodes_id} ${output.redis_id} tcp 6379-6379"],
      [for port in [9094, 9096, 9098, 11001, 11002] : "${output.nodes_id} ${output.msk_id} tcp ${port}-${port}"],
      [for port in [9094, 9096, 9098] : "${output.msk_id} ${output.msk_id} tcp ${port}-${port}"],
    ))
    error_message = "the ways between groups are not those that Tidewatch needs, port by port"
  }

  assert {
    condition     = alltrue([for name, rule in aws_vpc_security_group_ingress_rule.way : aws_vpc_security_group_egress_rule.way[name].security_group_id == rule.referenced_security_group_id && aws_vpc_security_group_egress_rule.way[name].referenced_security_group_id == rule.security_group_id && aws_vpc_security_group_egress_rule.way[name].from_port == rule.from_port && aws_vpc_security_group_egress_rule.way[name].to_port == rule.to_port])
    error_message = "a way is open at one end only: the connection would hang"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.way : rule.security_group_id]) == toset([output.alb_id, output.nodes_id, output.proxy_id, output.msk_id])
    error_message = "a database or cache may begin connections"
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.https.security_group_id == output.nodes_id && aws_vpc_security_group_egress_rule.https.from_port == 443 && aws_vpc_security_group_egress_rule.https.to_port == 443
    error_message = "nodes reach the internet on other ports than 443"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.packages : "${rule.security_group_id} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"]) == toset([for port in [80, 443] : "${output.packages_id} tcp ${port}-${port}"])
    error_message = "a host doesn't get its packages, or reaches more than them"
  }
}

run "without_the_internet" {
  command = plan

  variables {
    internet = false
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.https.cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_egress_rule.s3[0].cidr_ipv4 == null && aws_vpc_security_group_egress_rule.s3[0].to_port == 443
    error_message = "nodes may call the internet though they are not to"
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.packages) == 0
    error_message = "a host may call the internet though it is not to"
  }
}

run "operators_and_runners" {
  command = plan

  variables {
    admin_security_group_ids = ["sg-0a", "sg-0b"]
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.admin : "${coalesce(rule.referenced_security_group_id, "anybody")} ${rule.security_group_id} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"]) == toset(flatten([for id in ["sg-0a", "sg-0b"] : [for port in [9096, 9098] : "${id} ${output.msk_id} tcp ${port}-${port}"]]))
    error_message = "operators can't reach the brokers, or reach more"
  }
}

run "a_migration_opens_9092" {
  command = plan

  variables {
    msk_plaintext = true
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.way["nodes-msk-9092"].from_port == 9092 && aws_vpc_security_group_ingress_rule.way["msk-msk-9092"].to_port == 9092
    error_message = "clients that don't encrypt yet are cut off though they were to be let in"
  }
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    alb_target_ports = [0]
    vpc_cidr         = "0.0.0.0/0"

    admin_security_group_ids = ["0.0.0.0/0"]
  }

  expect_failures = [var.alb_target_ports, var.vpc_cidr, var.admin_security_group_ids]
}
