# finds: the password is in the state
resource "aws_secretsmanager_secret_version" "scram" {
  secret_string            = jsonencode({ username = var.scram_user, password = "known" })
  secret_string_wo         = null
  secret_string_wo_version = null
}
