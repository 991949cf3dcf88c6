module "kms" {
  source = "../modules/kms"

  name = local.name
  # A week to think better of it, where nothing of worth is.
  deletion_window_days = var.protected ? 30 : 7
  trail_account_id     = try(var.organization.management_account_id, null)
}

module "s3" {
  source = "../modules/s3"

  name                 = local.name
  kms_key_arns         = module.kms.key_arns
  audit_retention_days = var.retention.audit
  object_lock_mode     = var.retention.object_lock_mode
  trail                = { account_id = try(var.organization.management_account_id, null), organization_id = try(var.organization.id, null) }
  force_destroy        = !var.protected
  replica              = var.second_region == null ? null : { bucket_arns = var.second_region.bucket_arns, kms_key_arns = var.second_region.key_arns }

  permissions_boundary_arn = local.boundary_arn
}

module "network" {
  source = "../modules/network"

  name                 = local.name
  cidr                 = var.network.cidr
  zones                = var.network.zones
  standby_zones        = var.network.standby_zones
  nat                  = var.network.nat
  flow_logs_bucket_arn = module.s3.bucket_arns["logs"]
}

module "security_groups" {
  source = "../modules/security-groups"

  name             = local.name
  vpc_id           = module.network.vpc_id
  vpc_cidr         = module.network.vpc_cidr
  alb_target_ports = [8080, 8443]
  internet         = var.network.nat != "none"

  admin_security_group_ids = var.admin_security_group_ids
}
