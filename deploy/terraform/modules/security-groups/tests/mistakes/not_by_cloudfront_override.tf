# finds: the load balancer takes requests that didn't come by CloudFront
resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  prefix_list_id = null
  cidr_ipv4      = "0.0.0.0/0"
}
