module "telemetry" {
  source = "../modules/telemetry"

  name             = local.name
  organization_id  = try(var.organization.id, null)
  logs_bucket_name = module.s3.bucket_names["logs"]
  logs_bucket_arn  = module.s3.bucket_arns["logs"]
  logs_key_arn     = module.kms.key_arns["logs"]
  archive          = { bucket_name = module.s3.bucket_names["audit"], bucket_arn = module.s3.bucket_arns["audit"], key_arn = module.kms.key_arns["audit"] }
  # The first region's trail has the events of all regions; a second one would say each twice, for money.
  trail = {
    enabled       = local.primary && var.looks_after_account
    archive_reads = true
  }
  metric_stream = { enabled = var.metric_stream }

  permissions_boundary_arn = local.boundary_arn
}

module "events" {
  source = "../modules/events"

  name        = local.name
  kms_key_arn = module.kms.key_arns["data"]
}
