# finds: a key's material is never changed
resource "aws_kms_key" "this" {
  enable_key_rotation = false
}
