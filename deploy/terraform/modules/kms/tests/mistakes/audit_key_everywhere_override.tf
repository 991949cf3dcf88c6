# finds: audit records are decrypted by another way than reading them from S3
locals {
  services = {
    data    = ["*"]
    logs    = ["*"]
    audit   = ["*"]
    secrets = ["*"]
  }
}
