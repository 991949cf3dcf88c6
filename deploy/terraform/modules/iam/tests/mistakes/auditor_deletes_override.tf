# finds: auditors may do more than read
locals {
  archive = [{
    Sid      = "ArchivedRecords"
    Effect   = "Allow"
    Action   = ["s3:GetObject", "s3:DeleteObjectVersion"]
    Resource = "${var.bucket_arns.audit}/*"
  }]
}
