# finds: the trail's files are not signed by digests
resource "aws_cloudtrail" "this" {
  enable_log_file_validation = false
}
