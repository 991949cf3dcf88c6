# What tells Tidewatch of the estate: the trail writes to the bucket of logs, the metric stream through Firehose to the same bucket or to
# Tidewatch's gateway, and a queue announces each object that is new in the bucket, flow logs among them.

data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
}
