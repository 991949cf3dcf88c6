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
