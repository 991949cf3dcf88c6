# finds: the VPC's default security group lets something through
resource "aws_default_security_group" "this" {
  ingress = [{
    description      = "all"
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    self             = true
    cidr_blocks      = []
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
  }]
}
