# finds: a bucket can be opened to the public
resource "aws_s3_bucket_public_access_block" "this" {
  block_public_policy = false
}
