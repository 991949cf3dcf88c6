# One environment: the modules in the order in which they need one another. Sizes are inputs; what holds for every environment
# (encryption, who may speak to whom, what is watched) is here and in the modules.
#
#   network.tf     keys, buckets, addresses, who may speak to whom
#   data.tf        Kafka and databases
#   compute.tf     images, cluster or Fargate, roles
#   telemetry.tf   what Tidewatch watches
#   operations.tf  what watches Tidewatch, backups, costs
#   edge.tf        the way in
#
# Two regions: each is made by itself. Then the primary takes the secondary's output `for_primary` as its second_region, copies buckets,
# images and backups there, and the secondary takes the primary's `for_secondary` and joins its database. Values go from one to the other
# in settings under review: neither reads the other's state.
locals {
  name      = "tidewatch-${var.environment}"
  primary   = var.role == "primary"
  on_eks    = var.eks != null
  two_sites = var.two_regions || !local.primary

  # The name of the global database, of images and of topics: both regions' alike.
  first_name = "tidewatch-${local.primary ? var.environment : var.first_region.environment}"
}

# What Terraform knows of these before they are made is that they will not be null: format says so, and modules count by it.
locals {
  pages_topic_arn = format("%s", module.monitoring.topic_arn)
  data_key_arn    = format("%s", module.kms.key_arns["data"])
}

# By its name: bootstrap makes it before any estate.
locals {
  boundary_arn = var.roles_boundary == null ? null : "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/${var.roles_boundary}"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_region" "current" {}
