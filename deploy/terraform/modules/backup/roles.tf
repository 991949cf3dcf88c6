# Two roles, so that what makes recovery points can't restore, and the other way round. AWS keeps their policies as services are added.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  count = var.plans ? 1 : 0

  name                 = "${var.name}-backup"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = var.plans ? toset(["service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"]) : toset([])

  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

# Of each region, the second too: there it is what brings an estate back.
resource "aws_iam_role" "restore" {
  name                 = "${var.name}-restore"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "restore" {
  for_each = toset(["service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"])

  role       = aws_iam_role.restore.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}
