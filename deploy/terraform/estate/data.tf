module "msk" {
  source = "../modules/msk"

  name               = local.name
  subnet_ids         = module.network.private_subnet_ids
  security_group_ids = [module.security_groups.msk_id]
  kms_key_arn        = local.data_key_arn
  secrets_key_arn    = module.kms.key_arns["secrets"]
  log_kms_key_arn    = module.kms.key_arns["logs"]
  log_bucket_name    = module.s3.bucket_names["logs"]
  log_retention_days = var.retention.log
  serverless         = var.kafka.serverless
  instance_type      = var.kafka.instance_type
  brokers_per_zone   = var.kafka.brokers_per_zone
  volume_size_gb     = var.kafka.volume_size_gb
  volume_size_max_gb = var.kafka.volume_size_max_gb
  # The alarm on lag asks by topic.
  enhanced_monitoring  = "PER_TOPIC_PER_BROKER"
  secret_recovery_days = var.protected ? 30 : 0
  replication_source   = local.two_sites && !var.kafka.serverless
  replicate_from       = try(var.first_region.kafka, null)

  permissions_boundary_arn = local.boundary_arn
}

module "aurora" {
  #checkov:skip=CKV_AWS_139:protected is false in dev alone, which has no database, and where one is tried out
  #checkov:skip=CKV_AWS_133:retention.backup, which the scanner doesn't resolve, is 7 days at least
  source = "../modules/aurora"
  # The second region's comes once the first's is there, whose data and secret it takes.
  count = var.aurora != null && (local.primary || try(var.first_region.master_secret_arn, null) != null) ? 1 : 0

  name                     = local.name
  subnet_ids               = module.network.database_subnet_ids
  security_group_ids       = [module.security_groups.postgresql_id]
  proxy_subnet_ids         = module.network.private_subnet_ids
  proxy_security_group_ids = [module.security_groups.proxy_id]
  kms_key_arn              = local.data_key_arn
  secrets_key_arn          = module.kms.key_arns["secrets"]
  log_kms_key_arn          = module.kms.key_arns["logs"]
  log_retention_days       = var.retention.log
  engine_version           = var.aurora.engine_version
  instance_class           = var.aurora.instance_class
  readers                  = var.aurora.readers
  backup_retention_days    = var.retention.backup
  deletion_protection      = var.protected

  global = !local.two_sites ? null : {
    identifier     = local.first_name
    secondary      = !local.primary
    secret_arn     = try(var.first_region.master_secret_arn, null)
    secret_replica = var.second_region == null ? null : { region = var.second_region.region, kms_key_arn = var.second_region.key_arns.secrets }
  }

  permissions_boundary_arn = local.boundary_arn
}

module "timescale" {
  #checkov:skip=CKV2_AWS_9:the plans of the module backup find the volume by its tag
  source = "../modules/timescale"
  count  = var.timescale == null ? 0 : 1

  name              = local.name
  subnet_id         = module.network.working_private_subnet_ids[0]
  availability_zone = var.network.zones[0]
  # Packages and Systems Manager come by a way out that databases of AWS have no need of.
  security_group_ids  = [module.security_groups.postgresql_id, module.security_groups.packages_id]
  kms_key_arn         = local.data_key_arn
  secrets_key_arn     = module.kms.key_arns["secrets"]
  log_kms_key_arn     = module.kms.key_arns["logs"]
  log_retention_days  = var.retention.log
  instance_type       = var.timescale.instance_type
  ami_id              = var.timescale.ami_id
  volume_size_gb      = var.timescale.volume_size_gb
  deletion_protection = var.protected

  permissions_boundary_arn = local.boundary_arn
}

module "redis" {
  source = "../modules/redis"
  count  = var.redis == null ? 0 : 1

  name               = local.name
  subnet_ids         = module.network.database_subnet_ids
  security_group_ids = [module.security_groups.redis_id]
  kms_key_arn        = local.data_key_arn
  log_kms_key_arn    = module.kms.key_arns["logs"]
  log_retention_days = var.retention.log
  node_type          = var.redis.node_type
  replicas           = var.redis.replicas
}
