# What watches the account for what should not be there. All of it is by account and region, and an organisation may run it from another account:
# then `enabled` switches it off here, as two of them would bill twice, and disagree.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.name
  partition  = data.aws_partition.current.partition
}

resource "aws_accessanalyzer_analyzer" "this" {
  count = var.enabled.access_analyzer ? 1 : 0

  analyzer_name = var.name
  type          = "ACCOUNT"
}

resource "aws_inspector2_enabler" "this" {
  count = var.enabled.inspector ? 1 : 0

  account_ids    = [local.account_id]
  resource_types = var.inspector_types
}
