# finds: the firewall is not before the distribution
resource "aws_cloudfront_distribution" "this" {
  web_acl_id = null
}
