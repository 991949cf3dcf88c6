# finds: an event that can't be delivered is lost
resource "aws_cloudwatch_event_target" "this" {
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["changes"].arn
  }
}
