# finds: the trail lies where it can be changed or deleted
resource "aws_cloudtrail" "this" {
  s3_bucket_name = var.logs_bucket_name
}
