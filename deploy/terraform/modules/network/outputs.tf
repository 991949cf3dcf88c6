output "vpc_id" {
  value = aws_vpc.this.id
}

output "vpc_cidr" {
  value = aws_vpc.this.cidr_block
}

output "zones" {
  description = "All zones with subnets, in the order of the lists of subnets: those with work, then those on standby."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "For load balancers."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]

  # A load balancer with public addresses is refused before there is a way to it, and the way can't go before it has.
  depends_on = [aws_internet_gateway.this]
}

output "private_subnet_ids" {
  description = "For nodes, brokers and all else that computes; of all zones, those with work first."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "private_cidr" {
  description = "One block with all private subnets, for rules that take a single one: a quarter of the VPC with two zones. With three it is half of it, in which public and database subnets lie as well."
  value       = cidrsubnet(aws_vpc.this.cidr_block, length(local.zones) > 2 ? 1 : 2, 0)
}

output "working_private_subnet_ids" {
  description = "For nodes: the private subnets of `zones`, without those on standby."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "database_subnet_ids" {
  description = "For databases and caches: no route leads out."
  value       = [for zone in local.zones : aws_subnet.database[zone].id]
}

output "nat_public_ips" {
  description = "From where calls to the internet come, for the allow lists of others."
  value       = [for zone in local.nat_zones : aws_eip.nat[zone].public_ip]
}

output "private_route_table_ids" {
  value = [for zone in local.zones : aws_route_table.private[zone].id]
}

output "s3_endpoint_id" {
  description = "For bucket policies that ask for `aws:SourceVpce`."
  value       = aws_vpc_endpoint.gateway["s3"].id
}

output "endpoints_security_group_id" {
  value = aws_security_group.endpoints.id
}

output "flow_log_fields" {
  description = "Names of the fields in their order, as Tidewatch's `flowFields` takes them where a header line is lost on the way."
  value       = local.flow_log_fields
}
