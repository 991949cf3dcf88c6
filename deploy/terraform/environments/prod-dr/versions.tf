terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  # Bucket and region are given at init (deploy/scripts/terraform does), so that no account's number is in git.
  # Without `encrypt`, which would ask for S3's own key in place of the bucket's.
  backend "s3" {
    key          = "prod-dr/terraform.tfstate"
    use_lockfile = true
  }
}

locals {
  tags = {
    Project     = "tidewatch"
    Environment = "prod-dr"
    Owner       = var.owner
    CostCenter  = var.cost_center
    ManagedBy   = "terraform"
  }
}

provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.tags
  }
}
