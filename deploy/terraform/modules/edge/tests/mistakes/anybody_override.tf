# finds: the public load balancer answers distributions of others
locals {
  conditions = [{ header = "CloudFront-Viewer-TLS", value = "TLSv1.3:*" }]
}
