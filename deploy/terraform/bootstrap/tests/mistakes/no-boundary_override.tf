# finds: a deploy role has no boundary
resource "aws_iam_role" "deploy" {
  permissions_boundary = null
}
