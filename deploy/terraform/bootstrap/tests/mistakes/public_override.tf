# finds: the state could be read by the public
resource "aws_s3_bucket_public_access_block" "state" {
  block_public_policy = false
}
