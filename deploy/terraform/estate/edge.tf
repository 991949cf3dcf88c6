# The distribution in front (modules/edge/global) is the environment's: it lives in us-east-1, by a provider of its own, and an estate of
# two regions has one.
module "edge" {
  source = "../modules/edge"
  count  = var.edge == null ? 0 : 1

  name                = local.name
  domain              = var.edge.domain
  zone_id             = var.edge.zone_id
  role                = local.two_sites ? var.role : "single"
  public              = local.two_sites
  origin_header       = var.origin_header
  tls13_only          = var.edge.tls13_only
  vpc_id              = module.network.vpc_id
  subnet_ids          = local.two_sites ? module.network.public_subnet_ids : module.network.private_subnet_ids
  security_group_ids  = [module.security_groups.alb_id]
  access_logs         = { bucket = module.s3.bucket_names["access"], prefix = module.s3.delivery_prefixes["load_balancer"] }
  deletion_protection = var.protected
  alarm_topic_arns    = [local.pages_topic_arn]
}
