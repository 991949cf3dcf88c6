# finds: the proxy takes passwords
resource "aws_db_proxy" "this" {
  auth {
    auth_scheme = "SECRETS"
    iam_auth    = "DISABLED"
    secret_arn  = local.master_secret_arn
  }
}
