# finds: a tag that was checked can be moved to another image
resource "aws_ecr_repository" "this" {
  image_tag_mutability = "MUTABLE"
}
