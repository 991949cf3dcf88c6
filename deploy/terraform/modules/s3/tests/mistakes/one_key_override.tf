# finds: a bucket is encrypted with another key than its purpose's
locals {
  purposes = {
    documents = { key_arn = var.kms_key_arns.data }
    exports   = { key_arn = var.kms_key_arns.data }
    logs      = { key_arn = var.kms_key_arns.data }
    audit     = { key_arn = var.kms_key_arns.data }
    access    = { key_arn = null }
  }
}
