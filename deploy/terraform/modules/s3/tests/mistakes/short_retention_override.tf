# finds: audit records can be deleted within seven years
resource "aws_s3_bucket_object_lock_configuration" "audit" {
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 365
    }
  }
}
