resource "aws_eks_access_entry" "this" {
  for_each = var.access_entries

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value.principal
}

resource "aws_eks_access_policy_association" "this" {
  for_each = var.access_entries

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = "arn:${local.aws}:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = length(each.value.scope) == 0 ? "cluster" : "namespace"
    namespaces = length(each.value.scope) == 0 ? null : each.value.scope
  }
}

# By the private endpoint, whose addresses the cluster's name has inside the VPC.
resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each = var.admin_security_group_ids

  security_group_id            = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  referenced_security_group_id = each.value
  description                  = "Kubernetes API, from operators and runners"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
