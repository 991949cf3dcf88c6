# finds: a client without a name gets in
resource "aws_elasticache_user" "default" {
  access_string = "on ~* +@all"
}
