module "monitoring" {
  source = "../modules/monitoring"

  name      = local.name
  pagerduty = var.pagerduty
  kafka     = { cluster_name = module.msk.cluster_name }

  dead_letter_queue_names = concat([module.telemetry.dead_letter_queue_name], module.events.dead_letter_queue_names)

  dashboard = {
    eks_cluster_name  = one(module.eks[*].cluster_name)
    aurora_cluster_id = one(module.aurora[*].cluster_identifier)
    redis_cluster_ids = var.redis == null ? [] : [for index in range(var.redis.replicas + 1) : format("%s-%03d", local.name, index + 1)]
    load_balancer     = one(module.edge[*].load_balancer_arn_suffix)
    target_group      = try(module.edge[0].target_group_arn_suffixes["gateway"], null)
    queue_names       = concat([module.telemetry.queue_name], module.events.queue_names)
    broker_ids        = [for index in range(length(module.network.private_subnet_ids) * var.kafka.brokers_per_zone) : tostring(index + 1)]
  }

  permissions_boundary_arn = local.boundary_arn
}

module "security" {
  source = "../modules/security"
  count  = var.looks_after_account ? 1 : 0

  name = local.name
  # The first region records what exists once for all.
  global_region = local.primary
  ebs_key_arn   = local.data_key_arn

  config = {
    bucket_name = module.s3.bucket_names["logs"]
    key_arn     = module.kms.key_arns["logs"]
    prefix      = module.s3.delivery_prefixes["config"]
    make_role   = local.primary
  }

  findings = {
    topic_arn             = local.pages_topic_arn
    undelivered_queue_arn = module.events.undelivered_queue_arn
  }
}

module "backup" {
  source = "../modules/backup"

  name           = local.name
  kms_key_arn    = local.data_key_arn
  plans          = local.primary
  copy_vault_arn = try(var.second_region.backup_vault_arn, null)
  topic_arn      = local.pages_topic_arn
  lock           = { mode = var.retention.vault_lock_mode, max_days = max(var.retention.audit, 120) }
  daily          = { delete_after_days = var.retention.backup }
  # Cold storage, where they go after 30 days, is billed for 90 at least.
  weekly = { delete_after_days = max(var.retention.audit, 120) }

  permissions_boundary_arn = local.boundary_arn
}

module "budgets" {
  source = "../modules/budgets"

  name        = local.name
  monthly_usd = var.budget.monthly_usd
  emails      = var.budget.emails
  topic_arn   = local.pages_topic_arn
  tags        = { Environment = var.environment }
  anomalies   = { enabled = var.budget.anomalies, tag = { key = "Environment", value = var.environment } }
}
