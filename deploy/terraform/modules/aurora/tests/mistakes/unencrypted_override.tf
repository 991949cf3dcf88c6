# finds: the data is not encrypted with the key of this estate
resource "aws_rds_cluster" "this" {
  storage_encrypted = false
  kms_key_id        = null
}
