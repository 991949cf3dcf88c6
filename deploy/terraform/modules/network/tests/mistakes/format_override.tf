# finds: flow logs have other fields than the sample that Tidewatch is shown to read
resource "aws_flow_log" "this" {
  log_format = "$${version} $${srcaddr} $${dstaddr} $${bytes}"
}
