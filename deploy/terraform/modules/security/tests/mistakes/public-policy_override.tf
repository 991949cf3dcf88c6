# finds: a bucket of the account can be made public
resource "aws_s3_account_public_access_block" "this" {
  block_public_policy = false
}
