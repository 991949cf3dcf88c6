# finds: private_cidr leaves private subnets out
output "private_cidr" {
  value = cidrsubnet(aws_vpc.this.cidr_block, 2, 0)
}
