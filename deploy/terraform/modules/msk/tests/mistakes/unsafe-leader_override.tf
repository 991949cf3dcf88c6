# finds: a replica that lags may lead, and counted records are lost
resource "aws_msk_configuration" "this" {
  server_properties = join("\n", [for key, value in merge(local.server_properties, { "unclean.leader.election.enable" = true }) : "${key}=${value}"])
}
