mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }

  # Ids that are known when planned, another for each, so that who points to whom can be asserted.
  mock_resource "aws_eip" {
    override_during = plan
    defaults        = {}
  }
  mock_resource "aws_nat_gateway" {
    override_during = plan
    defaults        = {}
  }
  mock_resource "aws_route_table" {
    override_during = plan
    defaults        = {}
  }
  mock_resource "aws_subnet" {
    override_during = plan
    defaults        = {}
  }
}

variables {
  name                 = "tidewatch-test"
  zones                = ["us-east-1a", "us-east-1b", "us-east-1c"]
  flow_logs_bucket_arn = "arn:aws:s3:::tidewatch-test-logs"
}

run "three_zones" {
  command = plan

  assert {
    condition     = length(output.public_subnet_ids) == 3 && length(output.private_subnet_ids) == 3 && length(output.database_subnet_ids) == 3
    error_message = "a zone lacks a subnet of one of the three tiers"
  }

  # Of a subnet that lies in the block, the block's length cuts off the block's own beginning.
  assert {
    condition     = output.private_cidr == "10.0.0.0/17" && alltrue([for subnet in aws_subnet.private : cidrhost("${split("/", subnet.cidr_block)[0]}/17", 0) == "10.0.0.0" && tonumber(split("/", subnet.cidr_block)[1]) >= 17])
    error_message = "private_cidr leaves private subnets out"
  }

  assert {
    condition     = length(distinct(concat([for s in aws_subnet.public : s.cidr_block], [for s in aws_subnet.private : s.cidr_block], [for s in aws_subnet.database : s.cidr_block]))) == 9
    error_message = "two subnets have the same addresses"
  }

  assert {
    condition     = [for zone in var.zones : aws_subnet.private[zone].cidr_block] == ["10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19"] && [for zone in var.zones : aws_subnet.public[zone].cidr_block] == ["10.0.96.0/22", "10.0.100.0/22", "10.0.104.0/22"] && [for zone in var.zones : aws_subnet.database[zone].cidr_block] == ["10.0.112.0/24", "10.0.113.0/24", "10.0.114.0/24"]
    error_message = "subnets have other addresses than the plan says: applied to an estate that is there, they would be made anew"
  }

  assert {
    condition     = toset(keys(aws_nat_gateway.this)) == toset(var.zones)
    error_message = "a zone has no NAT gateway of its own: an outage of one zone takes the internet from another"
  }

  assert {
    condition     = alltrue([for zone in var.zones : aws_route.private[zone].nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "private traffic leaves by another zone's NAT gateway"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "what is started in a public subnet gets a public address by itself"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1"]) && alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1"])
    error_message = "Kubernetes would not find the subnets of its load balancers"
  }

  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "the VPC's default security group lets something through"
  }

  assert {
    condition     = alltrue([for association in aws_route_table_association.database : association.route_table_id == aws_route_table.database.id])
    error_message = "a database subnet uses a route table that leads out"
  }

  assert {
    condition     = length(aws_route_table.database.route) == 0 && alltrue([for route in concat(values(aws_route.private), [aws_route.public]) : route.route_table_id != aws_route_table.database.id])
    error_message = "a route leads out of the database subnets"
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.log_destination_type == "s3" && aws_flow_log.this.log_destination == "arn:aws:s3:::tidewatch-test-logs"
    error_message = "flow logs of all traffic don't go where the bucket takes them"
  }

  assert {
    condition     = aws_flow_log.this.destination_options[0].file_format == "plain-text" && aws_flow_log.this.destination_options[0].per_hour_partition
    error_message = "flow logs are not delivered as text by the hour: Tidewatch sets Parquet aside unread"
  }

  # The sample that scripts/check_terraform/flow_format.py has Tidewatch decode.
  assert {
    condition     = aws_flow_log.this.log_format == join(" ", [for field in split(" ", split("\n", file("tests/flow-log.txt"))[0]) : "$${${field}}"])
    error_message = "flow logs have other fields than the sample that Tidewatch is shown to read"
  }

  assert {
    condition     = aws_flow_log.this.max_aggregation_interval == 60
    error_message = "flow logs come in intervals of ten minutes: an SLO by minutes sees nothing"
  }

  assert {
    condition     = toset(keys(aws_vpc_endpoint.gateway)) == toset(["s3", "dynamodb"]) && alltrue([for endpoint in aws_vpc_endpoint.gateway : endpoint.vpc_endpoint_type == "Gateway" && length(endpoint.route_table_ids) > 0])
    error_message = "S3 or DynamoDB is not reached by a gateway endpoint"
  }

  assert {
    condition     = alltrue([for name in ["ecr.api", "ecr.dkr", "sts", "logs", "secretsmanager", "kms"] : aws_vpc_endpoint.interface[name].private_dns_enabled])
    error_message = "a service that pods need is reached through the internet"
  }

  assert {
    condition     = alltrue(flatten([for endpoint in aws_vpc_endpoint.gateway : [for statement in jsondecode(endpoint.policy).Statement : statement.Action == "s3:GetObject" || try(statement.Condition.StringEquals["aws:PrincipalAccount"], "") == "123456789012"]]))
    error_message = "another account's credentials may write to S3 through the gateway endpoint"
  }

  assert {
    condition = length(setsubtract(
      [for bucket in ["prod-us-east-1-starport-layer-bucket", "al2023-repos-us-east-1-*", "amazon-ssm-packages-us-east-1", "us-east-1-birdwatcher-prod"] : "arn:aws:s3:::${bucket}/*"],
      flatten([for statement in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : statement.Resource if statement.Action == "s3:GetObject"]),
    )) == 0
    error_message = "layers of images, or what Systems Manager installs, don't come through the gateway endpoint"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443 && aws_vpc_security_group_ingress_rule.endpoints.to_port == 443
    error_message = "interface endpoints answer others than the VPC, or another port than 443"
  }
}

run "one_nat" {
  command = plan

  variables {
    nat = "one"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && length(aws_route.private) == 3 && length(output.nat_public_ips) == 1
    error_message = "one NAT gateway is not what all private subnets use"
  }
}

run "no_nat" {
  command = plan

  variables {
    nat = "none"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private) == 0
    error_message = "private subnets reach the internet though there is to be no NAT"
  }

  assert {
    condition     = length(setsubtract(["ec2", "eks", "eks-auth"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "without NAT and these endpoints no node joins its cluster"
  }
}

run "work_in_one_zone" {
  command = plan

  variables {
    zones         = ["us-east-1a"]
    standby_zones = ["us-east-1b"]
  }

  assert {
    condition     = length(output.private_subnet_ids) == 2 && output.working_private_subnet_ids == [aws_subnet.private["us-east-1a"].id]
    error_message = "nodes would start in the zone on standby, or there are no subnets in two zones"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && alltrue([for endpoint in aws_vpc_endpoint.interface : length(endpoint.subnet_ids) == 1])
    error_message = "the zone on standby has a NAT gateway or endpoints, which cost"
  }
}

run "one_zone_alone_is_refused" {
  command = plan

  variables {
    zones = ["us-east-1a"]
  }

  expect_failures = [aws_vpc.this]
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    zones                      = ["us-east-1a", "us-east-1a"]
    standby_zones              = ["us-east-1b"]
    cidr                       = "10.0.0.0/24"
    nat                        = "two"
    flow_logs_bucket_arn       = "tidewatch-test-logs"
    flow_logs_interval_seconds = 300
  }

  expect_failures = [var.zones, var.cidr, var.nat, var.flow_logs_bucket_arn, var.flow_logs_interval_seconds]
}

run "two_zones_of_another_vpc" {
  command = plan

  variables {
    cidr          = "10.3.0.0/16"
    zones         = ["us-east-1a"]
    standby_zones = ["us-east-1b"]
    nat           = "one"
  }

  assert {
    condition     = output.private_cidr == "10.3.0.0/18" && alltrue([for subnet in aws_subnet.private : cidrhost("${split("/", subnet.cidr_block)[0]}/18", 0) == "10.3.0.0"])
    error_message = "private_cidr leaves private subnets out"
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.database)) : cidrhost("${split("/", subnet.cidr_block)[0]}/18", 0) != "10.3.0.0"])
    error_message = "private_cidr has other subnets in it, with two zones"
  }
}
