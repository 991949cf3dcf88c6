output "trail_arn" {
  description = "ARN of the trail, which the policies of bucket and key name; null without one."
  value       = one(aws_cloudtrail.this[*].arn)
}

output "trail_bucket_name" {
  description = "Where the trail is delivered; null without one."
  value       = one(aws_cloudtrail.this[*].s3_bucket_name)
}

output "firehose_arn" {
  description = "ARN of the Firehose stream that delivers metrics; null without a metric stream."
  value       = one(aws_kinesis_firehose_delivery_stream.metrics[*].arn)
}

output "metric_stream_arn" {
  description = "ARN of the metric stream; null without one."
  value       = one(aws_cloudwatch_metric_stream.this[*].arn)
}

output "queue_url" {
  description = "Address of the queue of new objects."
  value       = aws_sqs_queue.objects.url
}

output "queue_arn" {
  description = "ARN of the queue of new objects."
  value       = aws_sqs_queue.objects.arn
}

output "queue_name" {
  description = "Name of the queue of new objects, for dashboards."
  value       = aws_sqs_queue.objects.name
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of messages that nobody could use."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_queue_name" {
  description = "Name of that queue, for alarms."
  value       = aws_sqs_queue.dead_letters.name
}
