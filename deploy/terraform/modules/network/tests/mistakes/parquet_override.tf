# finds: flow logs are not delivered as text by the hour
resource "aws_flow_log" "this" {
  destination_options {
    file_format        = "parquet"
    per_hour_partition = true
  }
}
