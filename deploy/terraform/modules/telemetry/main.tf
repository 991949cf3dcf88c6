# What tells Tidewatch of the estate: the trail writes to the archive, which nobody can change, the metric stream through Firehose to the
# bucket of logs or to Tidewatch's gateway, and one queue announces each object that is new in either bucket, flow logs among them.

data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
}
