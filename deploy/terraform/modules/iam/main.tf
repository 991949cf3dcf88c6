# A role for each part of Tidewatch: what it needs by name, and nothing by wildcard. Pods take theirs by the name of their service account,
# auditors by their own.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account_id = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.name

  # Parts with something to do.
  pods     = { for part, account in var.service_accounts : part => account if part != "load-balancer" || length(var.target_group_arns) > 0 }
  auditors = length(var.auditor_principal_arns) > 0 ? { auditor = var.auditor_principal_arns } : {}

  issuer = trimprefix(coalesce(var.cluster.oidc_issuer, "none"), "https://")

  trusts = merge(
    { for part, account in local.pods : part => {
      irsa = {
        Effect    = "Allow"
        Principal = { Federated = var.cluster.oidc_provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = "system:serviceaccount:${account.namespace}:${account.name}"
          }
        }
      }
      # By tags of the session, which the agent sets: a pod of another account of the cluster is refused here, too, not by the association alone.
      pod-identity = {
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:SourceAccount"                         = local.account_id
            "aws:RequestTag/kubernetes-namespace"       = account.namespace
            "aws:RequestTag/kubernetes-service-account" = account.name
          }
          ArnEquals = { "aws:SourceArn" = var.cluster.arn }
        }
      }
    }[var.trust] },
    { for part, principals in local.auditors : part => {
      Effect    = "Allow"
      Principal = { AWS = principals }
      Action    = "sts:AssumeRole"
    } },
  )
}

resource "aws_iam_role" "this" {
  for_each = local.trusts

  name                 = "${var.name}-${each.key}"
  description          = local.descriptions[each.key]
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [each.value] })
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600

  lifecycle {
    precondition {
      condition     = var.trust == "irsa" ? var.cluster.oidc_provider_arn != null && var.cluster.oidc_issuer != null : var.cluster.arn != null
      error_message = "cluster lacks what trust = \"${var.trust}\" goes by: irsa takes oidc_provider_arn and oidc_issuer, pod-identity takes arn."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.trusts

  name   = "part"
  role   = aws_iam_role.this[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.permissions[each.key] })
}
