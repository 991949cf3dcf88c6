locals {
  guardduty_features = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"]
}

resource "aws_guardduty_detector" "this" {
  #checkov:skip=CKV2_AWS_3:which accounts of an organisation have GuardDuty is set in its administrator's account
  count = var.enabled.guardduty ? 1 : 0

  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

# Each is named, on or off: AWS switches new features on by itself for new detectors, and an estate would differ by the day it was made.
resource "aws_guardduty_detector_feature" "this" {
  for_each = var.enabled.guardduty ? toset(local.guardduty_features) : toset([])

  detector_id = aws_guardduty_detector.this[0].id
  name        = each.key
  status      = contains(var.guardduty_features, each.key) ? "ENABLED" : "DISABLED"

  # GuardDuty brings its agent to the nodes by itself.
  dynamic "additional_configuration" {
    for_each = each.key == "RUNTIME_MONITORING" ? ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"] : []

    content {
      name   = additional_configuration.value
      status = contains(var.guardduty_features, "RUNTIME_MONITORING") ? "ENABLED" : "DISABLED"
    }
  }
}
