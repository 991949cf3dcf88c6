# What happens to the estate, told apart by who has to know: topic `incidents` for what somebody has to look at, `changes` for what explains it
# later. AWS's services send their events to the default bus alone, so their rules are there; what Tidewatch and its deployments say goes to a
# bus of its own. Each delivery that fails ends in a queue, and the monitoring module says that something is in it.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  events_arn = "arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.name}:${local.account_id}"
}
