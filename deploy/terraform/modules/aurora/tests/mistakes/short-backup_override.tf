# finds: the cluster can't be restored to any second of the last 35 days
resource "aws_rds_cluster" "this" {
  backup_retention_period = 1
}
