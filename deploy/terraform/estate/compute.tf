locals {
  # What one node keeps for itself (0.08 of a vCPU) and what runs on each (0.3) costs it one pod of 1 CPU; a pod is on one node.
  vcpus = { medium = 2, large = 2, xlarge = 4, "2xlarge" = 8, "4xlarge" = 16, "8xlarge" = 32 }
  room = sum(concat([0], [
    for name, group in try(var.eks.node_groups, {}) : group.desired_size * (min([for type in group.instance_types : lookup(local.vcpus, split(".", type)[1], 1)]...) - 1)
    if name != "system" && group.capacity == "ON_DEMAND"
  ]))
}

module "ecr" {
  source = "../modules/ecr"

  name              = local.name
  repository_prefix = local.first_name
  kms_key_arn       = local.data_key_arn
  replica_region    = var.looks_after_account ? try(var.second_region.region, null) : null

  pull_principal_arns = var.image_pull_principal_arns
}

module "eks" {
  #checkov:skip=CKV_AWS_39:the public endpoint is closed until an environment names addresses, and prod takes none
  #checkov:skip=CKV_AWS_339:the version is newer than the scanner's list
  source = "../modules/eks"
  count  = local.on_eks ? 1 : 0

  name                    = local.name
  kubernetes_version      = var.eks.kubernetes_version
  subnet_ids              = module.network.private_subnet_ids
  node_subnet_ids         = module.network.working_private_subnet_ids
  node_security_group_ids = [module.security_groups.nodes_id]
  kms_key_arn             = module.kms.key_arns["secrets"]
  volume_kms_key_arn      = local.data_key_arn
  log_kms_key_arn         = module.kms.key_arns["logs"]
  log_retention_days      = var.retention.log
  endpoint_public_access  = var.eks.endpoint_public_access
  public_access_cidrs     = var.eks.public_access_cidrs
  node_groups             = var.eks.node_groups
  access_entries          = var.eks.access_entries

  admin_security_group_ids = var.admin_security_group_ids

  permissions_boundary_arn = local.boundary_arn
}

module "iam" {
  source = "../modules/iam"
  count  = local.on_eks ? 1 : 0

  name = local.name
  cluster = {
    arn               = module.eks[0].cluster_arn
    oidc_provider_arn = module.eks[0].oidc_provider_arn
    oidc_issuer       = module.eks[0].oidc_issuer
  }
  kafka                  = { cluster_arn = module.msk.cluster_arn }
  bucket_arns            = module.s3.bucket_arns
  kms_key_arns           = module.kms.key_arns
  queue_arns             = [module.telemetry.queue_arn]
  target_group_arns      = flatten([for edge in module.edge : values(edge.target_group_arns)])
  secret_arns            = var.kafka.serverless ? [] : [module.msk.scram_secret_arn]
  auditor_principal_arns = var.auditor_principal_arns

  permissions_boundary_arn = local.boundary_arn
}

module "ecs_service" {
  source = "../modules/ecs-service"
  count  = local.on_eks ? 0 : 1

  name                             = local.name
  image                            = var.ecs.image
  architecture                     = var.ecs.architecture
  cpu                              = var.ecs.cpu
  memory_mib                       = var.ecs.memory_mib
  tasks                            = var.ecs.tasks
  files                            = var.ecs.files
  secrets                          = merge({ password = "${module.msk.scram_secret_arn}:password::" }, var.ecs.secrets)
  environment                      = { KAFKA_BOOTSTRAP_SERVERS = module.msk.bootstrap_brokers_scram }
  vpc_id                           = module.network.vpc_id
  subnet_ids                       = module.network.working_private_subnet_ids
  security_group_ids               = [module.security_groups.nodes_id]
  load_balancer_security_group_ids = [module.security_groups.alb_id]
  repository_arns                  = values(module.ecr.repository_arns)
  secrets_key_arn                  = module.kms.key_arns["secrets"]
  log_kms_key_arn                  = module.kms.key_arns["logs"]
  log_retention_days               = var.retention.log
  rollback_alarm_names             = [module.monitoring.alarm_names["lag"], module.monitoring.alarm_names["heartbeat"]]
  deletion_protection              = var.protected

  permissions_boundary_arn = local.boundary_arn
}
