# Every packet that was accepted or rejected, as text with a line of field names, which Tidewatch reads whatever their order. Parquet it sets
# aside unread. These are the fields of versions 2 to 5 but those of Outposts; a field that is added here is read, too.

locals {
  flow_log_fields = [
    "version", "account-id", "vpc-id", "subnet-id", "interface-id", "instance-id",
    "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "type", "tcp-flags",
    "pkt-srcaddr", "pkt-dstaddr", "pkt-src-aws-service", "pkt-dst-aws-service",
    "packets", "bytes", "start", "end", "action", "log-status",
    "region", "az-id", "flow-direction", "traffic-path",
  ]
}

resource "aws_flow_log" "this" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = var.flow_logs_bucket_arn
  log_format               = join(" ", [for field in local.flow_log_fields : "$${${field}}"])
  max_aggregation_interval = var.flow_logs_interval_seconds

  destination_options {
    file_format        = "plain-text"
    per_hour_partition = true
    # Folders by name and value would make a path that the bucket's policy doesn't know.
    hive_compatible_partitions = false
  }

  tags = { Name = var.name }
}
