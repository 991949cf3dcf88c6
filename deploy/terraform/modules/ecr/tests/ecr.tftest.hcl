mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_ecr_repository" {
    override_during = plan
    defaults        = { arn = "arn:aws:ecr:us-east-1:123456789012:repository/tidewatch-test/tidewatch" }
  }
}

variables {
  name        = "tidewatch-test"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/data"
}

run "by_default" {
  command = plan

  assert {
    condition     = [for repository in aws_ecr_repository.this : repository.name] == ["tidewatch-test/tidewatch"]
    error_message = "the image has no repository below the environment's name"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "a tag that was checked can be moved to another image"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_scanning_configuration[0].scan_on_push])
    error_message = "an image is not scanned when it comes"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.encryption_configuration[0].encryption_type == "KMS" && repository.encryption_configuration[0].kms_key == var.kms_key_arn])
    error_message = "images are not encrypted with our key"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.force_delete != true])
    error_message = "a repository can be deleted with the images that run"
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["tidewatch"].policy).rules : [rule.selection.tagStatus, rule.selection.countNumber]] == [["untagged", 14], ["tagged", 200]]
    error_message = "images stay for ever, or go too soon"
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_policy.pull.policy).Statement : statement.Resource if statement.Sid == "Pull"]) == ["arn:aws:ecr:us-east-1:123456789012:repository/tidewatch-test/tidewatch"]
    error_message = "who pulls images may pull those of other repositories"
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_policy.pull.policy).Statement : statement.Action])) == toset(["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
    error_message = "who pulls images may do more than pull"
  }

  assert {
    condition     = length(aws_ecr_replication_configuration.this) == 0 && length(aws_ecr_repository_policy.this) == 0
    error_message = "images are copied, or other accounts let in, without being asked for"
  }
}

run "copies_and_principals" {
  command = plan

  variables {
    repository_prefix   = "tidewatch"
    replica_region      = "us-west-2"
    pull_principal_arns = ["arn:aws:iam::210987654321:root"]
    push_principal_arns = ["arn:aws:iam::123456789012:role/tidewatch-build"]
  }

  assert {
    condition     = aws_ecr_replication_configuration.this[0].replication_configuration[0].rule[0].destination[0].region == "us-west-2" && aws_ecr_replication_configuration.this[0].replication_configuration[0].rule[0].repository_filter[0].filter == "tidewatch/" && aws_ecr_repository.this["tidewatch"].name == "tidewatch/tidewatch"
    error_message = "other repositories than ours are copied to the second region, or ours are not"
  }

  assert {
    condition     = [for statement in jsondecode(aws_ecr_repository_policy.this["tidewatch"].policy).Statement : statement.Action if statement.Effect == "Allow"] == [["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]]
    error_message = "another account may do more than pull"
  }

  assert {
    condition     = [for statement in jsondecode(aws_ecr_repository_policy.this["tidewatch"].policy).Statement : contains(statement.Action, "ecr:PutImage") && contains(statement.Action, "ecr:BatchDeleteImage") && statement.Condition.ArnNotLike["aws:PrincipalArn"] == ["arn:aws:iam::123456789012:role/tidewatch-build"] if statement.Effect == "Deny"] == [true]
    error_message = "others than the workflow may push or delete images"
  }
}

run "wrong_inputs_are_refused" {
  command = plan

  variables {
    repositories      = []
    tagged_images_max = 1
  }

  expect_failures = [var.repositories, var.tagged_images_max]
}
