data "aws_iam_policy_document" "trust" {
  for_each = toset(["eks", "ec2"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

locals {
  # Of add-ons with a role of their own.
  service_accounts = { vpc-cni = "aws-node", aws-ebs-csi-driver = "ebs-csi-controller-sa" }
}

# By the tags of the session, which the agent on the node sets: another account of the cluster, or another cluster, takes none of these roles.
data "aws_iam_policy_document" "pod_identity_trust" {
  for_each = local.service_accounts

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
    dynamic "condition" {
      for_each = { eks-cluster-name = var.name, kubernetes-namespace = "kube-system", kubernetes-service-account = each.value }
      content {
        test     = "StringEquals"
        variable = "aws:RequestTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "cluster" {
  name                 = "${var.name}-eks-cluster"
  assume_role_policy   = data.aws_iam_policy_document.trust["eks"].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "${local.managed}/AmazonEKSClusterPolicy"
}

data "aws_iam_policy_document" "cluster_key" {
  statement {
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role_policy" "cluster_key" {
  name   = "secrets-key"
  role   = aws_iam_role.cluster.name
  policy = data.aws_iam_policy_document.cluster_key.json
}

# What pods may do is no part of it: their network and their volumes have roles of their own, by Pod Identity.
resource "aws_iam_role" "node" {
  name                 = "${var.name}-eks-node"
  assume_role_policy   = data.aws_iam_policy_document.trust["ec2"].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"])

  role       = aws_iam_role.node.name
  policy_arn = "${local.managed}/${each.key}"
}

resource "aws_iam_role" "vpc_cni" {
  name                 = "${var.name}-eks-vpc-cni"
  assume_role_policy   = data.aws_iam_policy_document.pod_identity_trust["vpc-cni"].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "vpc_cni" {
  role       = aws_iam_role.vpc_cni.name
  policy_arn = "${local.managed}/AmazonEKS_CNI_Policy"
}

resource "aws_iam_role" "ebs_csi" {
  name                 = "${var.name}-eks-ebs-csi"
  assume_role_policy   = data.aws_iam_policy_document.pod_identity_trust["aws-ebs-csi-driver"].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "ebs_csi" {
  role       = aws_iam_role.ebs_csi.name
  policy_arn = "${local.managed}/service-role/AmazonEBSCSIDriverPolicy"
}

# For volumes of storage classes that name the key.
data "aws_iam_policy_document" "ebs_csi_key" {
  statement {
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = [local.volume_key]
  }

  statement {
    actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    resources = [local.volume_key]
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "ebs_csi_key" {
  name   = "volume-key"
  role   = aws_iam_role.ebs_csi.name
  policy = data.aws_iam_policy_document.ebs_csi_key.json
}
