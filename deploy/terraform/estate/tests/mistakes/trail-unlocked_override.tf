# finds: the trail is not in the archive
module "telemetry" {
  archive = { bucket_name = module.s3.bucket_names["logs"], bucket_arn = module.s3.bucket_arns["logs"], key_arn = module.kms.key_arns["logs"] }
}
