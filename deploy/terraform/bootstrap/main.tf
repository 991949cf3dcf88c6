# Once for each account, by an administrator: what all else needs to begin. The first run keeps its state beside these files, as
# there is no bucket yet; then the state moves into the bucket that it describes:
#
#   cd deploy/terraform/bootstrap
#   terraform init
#   terraform apply -var repository=ORG/REPO
#   terraform output -raw backend > backend.tf      # git leaves it out: it names the account
#   terraform init -migrate-state && terraform state list >/dev/null && rm -f terraform.tfstate*
#
# Whoever comes later has no backend.tf, and no state to read it from, so he writes it by hand, with the account's number and the region
# of the first run, and runs `terraform init`:
#
#   terraform {
#     backend "s3" {
#       bucket       = "tidewatch-state-ACCOUNT-REGION"
#       key          = "bootstrap/terraform.tfstate"
#       region       = "REGION"
#       use_lockfile = true
#     }
#   }
#
# A change of this folder is an administrator's, never a workflow's: a workflow
# that could change it could give itself anything.
provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = {
      Project     = "tidewatch"
      Environment = "all"
      Owner       = var.owner
      CostCenter  = var.cost_center
      ManagedBy   = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  # scripts/terraform finds it by the same rule.
  bucket = "tidewatch-state-${local.account}-${var.region}"

  # deploy/terraform/estate and deploy/cdk find it by its name. It names itself, so its ARN is made here.
  boundary     = "tidewatch-ci-boundary"
  boundary_arn = "arn:${local.partition}:iam::${local.account}:policy/${local.boundary}"
}
