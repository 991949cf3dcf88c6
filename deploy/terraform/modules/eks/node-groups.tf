data "aws_default_tags" "this" {}

locals {
  volume_key = coalesce(var.volume_kms_key_arn, var.kms_key_arn)

  taints = {
    for name, group in var.node_groups : name => merge(
      name == "system" ? { CriticalAddonsOnly = "true" } : {},
      group.capacity == "SPOT" ? { spot = "true" } : {},
    )
  }
}

resource "aws_launch_template" "node" {
  for_each = var.node_groups

  name                   = "${var.name}-${each.key}"
  update_default_version = true
  # A group with a launch template of its own does not get the cluster's security group by itself.
  vpc_security_group_ids = concat([aws_eks_cluster.this.vpc_config[0].cluster_security_group_id], var.node_security_group_ids)

  # One hop: pods do not reach the node's role, but for those on the host's network.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type           = "gp3"
      volume_size           = each.value.volume_size_gb
      encrypted             = true
      kms_key_id            = local.volume_key
      delete_on_termination = true
    }
  }

  # The provider's default tags end at the template: what is launched from it is tagged here.
  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]
    content {
      resource_type = tag_specifications.value
      tags          = merge(data.aws_default_tags.this.tags, { Name = "${var.name}-${each.key}" })
    }
  }
}

resource "aws_eks_node_group" "this" {
  for_each = var.node_groups

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = coalesce(var.node_subnet_ids, var.subnet_ids)
  version         = var.kubernetes_version

  ami_type       = each.value.ami_type
  capacity_type  = each.value.capacity
  instance_types = each.value.instance_types
  labels         = merge(each.value.labels, { "tidewatch/group" = each.key })

  launch_template {
    id      = aws_launch_template.node[each.key].id
    version = aws_launch_template.node[each.key].latest_version
  }

  scaling_config {
    min_size     = each.value.min_size
    desired_size = each.value.desired_size
    max_size     = each.value.max_size
  }

  update_config {
    max_unavailable_percentage = 33
  }

  node_repair_config {
    enabled = true
  }

  dynamic "taint" {
    for_each = local.taints[each.key]
    content {
      key    = taint.key
      value  = taint.value
      effect = "NO_SCHEDULE"
    }
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  # A node is not ready without its network.
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.network]
}
