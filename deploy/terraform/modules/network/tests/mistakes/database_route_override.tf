# finds: a database subnet uses a route table that leads out
resource "aws_route_table_association" "database" {
  route_table_id = aws_route_table.private[each.key].id
}
