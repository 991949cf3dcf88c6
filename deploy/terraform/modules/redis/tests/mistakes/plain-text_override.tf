# finds: clients may speak to Redis without TLS
resource "aws_elasticache_replication_group" "this" {
  transit_encryption_mode = "preferred"
}
