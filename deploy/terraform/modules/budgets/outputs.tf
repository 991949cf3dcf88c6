output "budget_arn" {
  description = "ARN of the monthly budget."
  value       = aws_budgets_budget.monthly.arn
}

output "anomaly_monitor_arn" {
  description = "ARN of the monitor of cost anomalies; null without one."
  value       = one(aws_ce_anomaly_monitor.this[*].arn)
}
