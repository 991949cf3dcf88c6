# finds: the data's volume is not encrypted with the key of this estate
resource "aws_ebs_volume" "data" {
  encrypted  = false
  kms_key_id = null
}
