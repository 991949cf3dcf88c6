# Repositories of images. A tag is set once and never moved, an image is scanned when it comes, and only who is named brings one.

data "aws_caller_identity" "this" {}

locals {
  prefix = coalesce(var.repository_prefix, var.name)
}

resource "aws_ecr_repository" "this" {
  for_each = var.repositories

  name                 = "${local.prefix}/${each.key}"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = var.repositories

  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [
      {
        # Images of single architectures have no tag, but ECR keeps what an index with a tag refers to.
        rulePriority = 1
        description  = "Without a tag for ${var.untagged_days} days"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = var.untagged_days }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "More than ${var.tagged_images_max} with a tag"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = var.tagged_images_max }
        action       = { type = "expire" }
      },
    ]
  })
}

# Repositories in the second region are made there by this module, with the same names, before the first image comes: what ECR makes itself for a
# copy has neither a key nor tags that stay.
resource "aws_ecr_replication_configuration" "this" {
  count = var.replica_region == null ? 0 : 1

  replication_configuration {
    rule {
      destination {
        region      = var.replica_region
        registry_id = data.aws_caller_identity.this.account_id
      }

      repository_filter {
        filter      = "${local.prefix}/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
