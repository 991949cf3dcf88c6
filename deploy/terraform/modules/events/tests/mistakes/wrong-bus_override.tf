# finds: a rule about AWS's services is on a bus where they send nothing
resource "aws_cloudwatch_event_rule" "this" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
}
