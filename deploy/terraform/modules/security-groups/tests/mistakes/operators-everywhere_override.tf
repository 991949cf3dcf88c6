# finds: operators can't reach the brokers, or reach more
resource "aws_vpc_security_group_ingress_rule" "admin" {
  from_port = 0
  to_port   = 65535
}
