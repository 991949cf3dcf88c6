output "topic_arns" {
  description = "ARNs of the topics, by short name."
  value       = { for name, topic in aws_sns_topic.this : name => topic.arn }

  # Who is told to publish is refused until the policy is there.
  depends_on = [aws_sns_topic_policy.this]
}

output "queue_arns" {
  description = "ARNs of the queues, by short name."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.arn }
}

output "queue_urls" {
  description = "Addresses of the queues, by short name."
  value       = { for name, queue in aws_sqs_queue.this : name => queue.url }
}

output "queue_names" {
  description = "Names of the queues, for dashboards."
  value       = [for queue in aws_sqs_queue.this : queue.name]
}

output "dead_letter_queue_names" {
  description = "Names of all dead letter queues, for alarms."
  value       = concat([for queue in aws_sqs_queue.dead_letters : queue.name], [aws_sqs_queue.undelivered.name])
}

output "undelivered_queue_arn" {
  description = "Queue of events that EventBridge could not deliver, for the targets of other modules' rules too."
  value       = aws_sqs_queue.undelivered.arn
  depends_on  = [aws_sqs_queue_policy.undelivered]
}

output "bus_arn" {
  description = "ARN of the bus of Tidewatch's own events, such as deployments."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "bus_name" {
  description = "Name of that bus."
  value       = aws_cloudwatch_event_bus.this.name
}
