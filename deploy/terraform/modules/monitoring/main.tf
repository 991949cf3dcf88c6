# What watches Tidewatch itself. It must not hang on what it watches: each alarm is of AWS's own metrics of MSK and SQS, and goes by SNS to
# PagerDuty, past Tidewatch, its metrics port and the cluster that it runs in.
#
# Three alarms, of what a user would notice:
#
# 1. heartbeat: no byte comes to `tidewatch.registers`. A consumer writes there every few seconds, whether or not anything new came, so silence
#    means that nobody counts: no member, no broker, no right to write. That there is no data is bad here.
# 2. lag: a group is behind by more than its alerts may be late. The evaluators' group is watched too.
# 3. dead letters: a message lies in a queue of those that nobody could use, for each queue, so that the page names it.
#
# Heartbeat and lag come from the same causes (a full disk, lost partitions, pods that do not start), and page as one, `blind`. The causes are on
# the dashboard and page nobody. Error budgets are Tidewatch's own to page about; an alarm of those here would hang on it.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.name
  partition  = data.aws_partition.current.partition
}
