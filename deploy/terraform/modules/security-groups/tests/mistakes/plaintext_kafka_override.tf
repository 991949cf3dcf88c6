# finds: the ways between groups are not those that Tidewatch needs, port by port
locals {
  kafka_ports = [9092, 9094, 9096, 9098]
}
