# finds: who delivers telemetry may write Tidewatch's own topics
locals {
  input_arns = ["${local.topic_arn}/aws.cloudtrail", "${local.topic_arn}/aws.metrics", "${local.topic_arn}/aws.vpc-flow", "${local.topic_arn}/tidewatch.registers"]
}
