locals {
  # Before the nodes: DaemonSets that a node needs to be ready. The agent comes with them, because the network's role comes by it.
  network_addons = {
    vpc-cni = {
      configuration = { enableNetworkPolicy = "true" }
      role          = { service_account = local.service_accounts["vpc-cni"], arn = aws_iam_role.vpc_cni.arn }
    }
    kube-proxy             = { configuration = null, role = null }
    eks-pod-identity-agent = { configuration = null, role = null }
  }

  # After the nodes: Deployments, which are only there once they run somewhere.
  workload_addons = {
    coredns = { configuration = null, role = null }
    aws-ebs-csi-driver = {
      configuration = null
      role          = { service_account = local.service_accounts["aws-ebs-csi-driver"], arn = aws_iam_role.ebs_csi.arn }
    }
  }
}

resource "aws_eks_addon" "network" {
  for_each = local.network_addons

  cluster_name         = aws_eks_cluster.this.name
  addon_name           = each.key
  addon_version        = lookup(var.addon_versions, each.key, null)
  configuration_values = each.value.configuration == null ? null : jsonencode(each.value.configuration)

  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = each.value.role[*]
    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = pod_identity_association.value.arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.vpc_cni]
}

resource "aws_eks_addon" "workload" {
  for_each = local.workload_addons

  cluster_name         = aws_eks_cluster.this.name
  addon_name           = each.key
  addon_version        = lookup(var.addon_versions, each.key, null)
  configuration_values = each.value.configuration == null ? null : jsonencode(each.value.configuration)

  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = each.value.role[*]
    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = pod_identity_association.value.arn
    }
  }

  depends_on = [aws_eks_node_group.this, aws_iam_role_policy_attachment.ebs_csi, aws_iam_role_policy.ebs_csi_key]
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = var.pod_identities

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = each.value.role_arn
}
