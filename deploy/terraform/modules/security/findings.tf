# Security Hub gathers what all the others find, so where it runs its rule is the only one. Where it does not, each service that does has its
# own. What its own controls find is not sent: a new account fails dozens of them, and each comes again with every evaluation, once or twice a
# day. That is a list to work through, in Security Hub; what is sent is something that happens.
locals {
  # GuardDuty has numbers for severities.
  guardduty_severity_from = { LOW = 1, MEDIUM = 4, HIGH = 7, CRITICAL = 9 }
  severities              = sort(try(var.findings.severities, []))

  finding_patterns = merge(
    var.enabled.security_hub ? {
      security-hub = jsonencode({
        source        = ["aws.securityhub"]
        "detail-type" = ["Security Hub Findings - Imported"]
        detail = {
          findings = {
            ProductName = [{ "anything-but" = ["Security Hub"] }]
            Severity    = { Label = local.severities }
            Workflow    = { Status = ["NEW"] }
            RecordState = ["ACTIVE"]
          }
        }
      })
    } : {},
    !var.enabled.security_hub && var.enabled.guardduty ? {
      guardduty = jsonencode({
        source        = ["aws.guardduty"]
        "detail-type" = ["GuardDuty Finding"]
        detail        = { severity = [{ numeric = [">=", min(concat([9], [for severity in local.severities : local.guardduty_severity_from[severity]])...)] }] }
      })
    } : {},
    !var.enabled.security_hub && var.enabled.inspector ? {
      inspector = jsonencode({
        source        = ["aws.inspector2"]
        "detail-type" = ["Inspector2 Finding"]
        detail        = { severity = local.severities, status = ["ACTIVE"] }
      })
    } : {},
    !var.enabled.security_hub && var.enabled.access_analyzer ? {
      access-analyzer = jsonencode({
        source        = ["aws.access-analyzer"]
        "detail-type" = ["Access Analyzer Finding"]
        detail        = { status = ["ACTIVE"] }
      })
    } : {},
  )
}

resource "aws_cloudwatch_event_rule" "findings" {
  for_each = { for name, pattern in local.finding_patterns : name => pattern if var.findings != null }

  name          = "${var.name}-findings-${each.key}"
  description   = "Findings of ${each.key} that somebody has to look at"
  event_pattern = each.value
}

resource "aws_cloudwatch_event_target" "findings" {
  for_each = aws_cloudwatch_event_rule.findings

  rule      = each.value.name
  target_id = "topic"
  arn       = var.findings.topic_arn

  dead_letter_config {
    arn = var.findings.undelivered_queue_arn
  }
}
