# What holds whatever a resource forgets to say.
resource "aws_s3_account_public_access_block" "this" {
  count = var.enabled.account && var.global_region ? 1 : 0

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_ebs_encryption_by_default" "this" {
  count = var.enabled.account ? 1 : 0

  enabled = true
}

resource "aws_ebs_default_kms_key" "this" {
  count = var.enabled.account ? 1 : 0

  key_arn = var.ebs_key_arn
}

resource "aws_ebs_snapshot_block_public_access" "this" {
  count = var.enabled.account ? 1 : 0

  state = "block-all-sharing"
}

# One hop: a container does not reach the role of its node. Pods have roles of their own.
resource "aws_ec2_instance_metadata_defaults" "this" {
  count = var.enabled.account ? 1 : 0

  http_tokens                 = "required"
  http_put_response_hop_limit = 1
}
