# finds: others than the main branch can bring images
resource "aws_iam_role" "image" {
  assume_role_policy = local.trust["plan"]
}
