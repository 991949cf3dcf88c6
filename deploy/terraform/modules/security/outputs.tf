output "guardduty_detector_id" {
  description = "Id of GuardDuty's detector; null without one."
  value       = one(aws_guardduty_detector.this[*].id)
}

output "config_recorder_name" {
  description = "Name of Config's recorder; null without one."
  value       = one(aws_config_configuration_recorder.this[*].name)
}

output "security_hub_arn" {
  description = "ARN of Security Hub in this account and region; null without it."
  value       = one(aws_securityhub_account.this[*].arn)
}

output "analyzer_arns" {
  description = "ARNs of IAM Access Analyzer's analyzers."
  value       = [for analyzer in aws_accessanalyzer_analyzer.this : analyzer.arn]
}

output "findings_rule_arns" {
  description = "ARNs of the rules that send findings to the topic."
  value       = [for rule in aws_cloudwatch_event_rule.findings : rule.arn]
}
