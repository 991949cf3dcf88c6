# finds: the load balancer listens without TLS, or with versions before 1.2
resource "aws_lb_listener" "https" {
  ssl_policy = "ELBSecurityPolicy-2016-08"
}
