output "name" {
  description = "Prefix of all names."
  value       = local.name
}

output "vpc_id" {
  value = module.network.vpc_id
}

output "private_subnet_ids" {
  description = "Where nodes and brokers are; of all zones, those with work first."
  value       = module.network.private_subnet_ids
}

output "private_cidr" {
  description = "One block with all private subnets (module network)."
  value       = module.network.private_cidr
}

output "cluster_name" {
  description = "For `aws eks update-kubeconfig`; null on Fargate."
  value       = one(module.eks[*].cluster_name)
}

output "bootstrap_servers" {
  description = "KAFKA_BOOTSTRAP_SERVERS: for SCRAM (9096), and for IAM (9098)."
  value       = { scram = module.msk.bootstrap_brokers_scram, iam = module.msk.bootstrap_brokers_iam }
}

output "msk_cluster_arn" {
  value = module.msk.cluster_arn
}

output "msk_security_group_id" {
  value = module.security_groups.msk_id
}

output "brokers" {
  description = "Number of brokers; null where serverless."
  value       = module.msk.brokers
}

output "replicator_name" {
  description = "The replicator that copies the first region's inputs; null where there is none."
  value       = module.msk.replicator_name
}

output "scram_secret_arn" {
  description = "User and password of the consumer."
  value       = module.msk.scram_secret_arn
}

output "role_arns" {
  description = "By part, for the service accounts' annotations; empty on Fargate."
  value       = merge(module.iam[*].role_arns...)
}

output "repository_urls" {
  description = "Where images go."
  value       = module.ecr.repository_urls
}

output "deployment" {
  description = "Names for CodeDeploy, on Fargate."
  value       = one(module.ecs_service[*].deployment)
}

output "queue_url" {
  description = "Queue of new objects, for the S3 reader."
  value       = module.telemetry.queue_url
}

output "bucket_names" {
  description = "By purpose."
  value       = module.s3.bucket_names
}

output "database_endpoints" {
  description = "Addresses of databases and cache, of those that there are."
  value = {
    aurora_proxy = one(module.aurora[*].proxy_endpoint)
    timescale    = one(module.timescale[*].endpoint)
    redis        = one(module.redis[*].primary_endpoint)
  }
}

output "aurora_cluster_id" {
  description = "Null where there is none, as of all that follows."
  value       = one(module.aurora[*].cluster_identifier)
}

output "aurora_instance_ids" {
  value = one(module.aurora[*].instance_identifiers)
}

output "redis_replication_group_id" {
  value = one(module.redis[*].id)
}

output "load_balancer_arn" {
  value = one(module.edge[*].load_balancer_arn)
}

output "origin" {
  description = "For the module edge/global; null without an edge."
  value       = one(module.edge[*].origin)
}

output "logs_key_arn" {
  value = module.kms.key_arns["logs"]
}

output "alarm_topic_arn" {
  description = "The topic that pages."
  value       = module.monitoring.topic_arn
}

output "for_primary" {
  description = "Of a secondary: what the primary takes as `second_region`."
  value = local.primary ? null : {
    region           = data.aws_region.current.name
    bucket_arns      = module.s3.bucket_arns
    key_arns         = module.kms.key_arns
    backup_vault_arn = module.backup.vault_arn
  }
}

output "for_secondary" {
  description = "Of a primary: what the secondary takes into `first_region`, when the copy of the secret is there. The copy's ARN differs by its region alone."
  value = var.second_region == null ? null : {
    environment       = var.environment
    master_secret_arn = var.aurora == null ? null : replace(one(module.aurora[*].master_secret_arn), data.aws_region.current.name, var.second_region.region)
    kafka = {
      cluster_arn        = module.msk.cluster_arn
      subnet_ids         = module.network.private_subnet_ids
      security_group_ids = [module.security_groups.msk_id]
    }
  }
}

output "sizes" {
  description = "What this estate is made of, for those who read a plan, and for tests."
  value = {
    zones         = module.network.zones
    working_zones = length(module.network.working_private_subnet_ids)
    nat_gateways  = length(module.network.nat_public_ips)
    brokers       = var.kafka.serverless ? "serverless" : var.kafka.instance_type
    nodes         = { for name, group in try(var.eks.node_groups, {}) : name => { types = group.instance_types, least = group.min_size, desired = group.desired_size, most = group.max_size } }
    room          = local.room
    databases = {
      aurora    = length(module.aurora) == 0 ? null : { class = var.aurora.instance_class, readers = var.aurora.readers }
      timescale = length(module.timescale) == 0 ? null : var.timescale.instance_type
      redis     = length(module.redis) == 0 ? null : { type = var.redis.node_type, replicas = var.redis.replicas }
    }
    retention = var.retention
    protected = var.protected
    public    = { kubernetes_api = try(var.eks.endpoint_public_access, false), load_balancer = var.edge != null && local.two_sites }
    global    = local.two_sites ? local.first_name : null
  }
}
