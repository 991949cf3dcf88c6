# With AWS's own key: a bus with another may have no archive in every region.
resource "aws_cloudwatch_event_bus" "this" {
  name        = var.name
  description = "What Tidewatch and its deployments say"

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

resource "aws_cloudwatch_event_archive" "own" {
  name             = "${var.name}-own"
  description      = "All of the bus ${var.name}"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive_days
}

# Of the default bus only what the rules are about: the whole of it holds every API call of the account, which CloudTrail keeps.
resource "aws_cloudwatch_event_archive" "aws" {
  count = length(local.aws_events) > 0 ? 1 : 0

  name             = "${var.name}-aws"
  description      = "What AWS's services said of ${var.name}"
  event_source_arn = "${local.events_arn}:event-bus/default"
  retention_days   = var.archive_days

  event_pattern = jsonencode({
    source        = sort(distinct(flatten([for event in local.aws_events : event.pattern.source])))
    "detail-type" = sort(distinct(flatten([for event in local.aws_events : event.pattern["detail-type"]])))
  })
}
