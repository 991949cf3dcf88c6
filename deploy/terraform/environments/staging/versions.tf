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
    key          = "staging/terraform.tfstate"
    use_lockfile = true
  }
}

locals {
  tags = {
    Project     = "tidewatch"
    Environment = "staging"
    Owner       = var.owner
    CostCenter  = var.cost_center
    ManagedBy   = "terraform"
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.tags
  }
}

# For CloudFront, whose certificate, firewall and logs are there whatever the estate's region is.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = local.tags
  }
}
