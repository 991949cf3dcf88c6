# finds: a group is open to addresses instead of to another group
resource "aws_vpc_security_group_ingress_rule" "way" {
  referenced_security_group_id = null
  cidr_ipv4                    = "0.0.0.0/0"
}
