variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "enabled" {
  description = "What this module runs, each to be switched off where the organisation runs it centrally. account is the block of public access to S3, and what EC2 does by default: encrypted volumes, IMDSv2, snapshots that are not public."
  type = object({
    guardduty       = optional(bool, true)
    config          = optional(bool, true)
    security_hub    = optional(bool, true)
    inspector       = optional(bool, true)
    access_analyzer = optional(bool, true)
    account         = optional(bool, true)
  })
  default = {}
}

variable "global_region" {
  description = "Whether this is the one region of the account in which what exists once for all regions is set and recorded: the account's block of public access, IAM in Config."
  type        = bool
  default     = true
}

variable "ebs_key_arn" {
  description = "KMS key of volumes that name none."
  type        = string
  default     = null

  validation {
    condition     = !var.enabled.account || var.ebs_key_arn != null
    error_message = "ebs_key_arn says with which key volumes are encrypted that name none, or enabled.account is false."
  }
}

variable "guardduty_features" {
  description = "Features of GuardDuty that are on, beside CloudTrail, flow logs and DNS, which always are."
  type        = set(string)
  default     = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"]

  validation {
    condition     = length(setsubtract(var.guardduty_features, ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"])) == 0
    error_message = "guardduty_features takes S3_DATA_EVENTS, EKS_AUDIT_LOGS, EBS_MALWARE_PROTECTION, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS and RUNTIME_MONITORING."
  }
}

variable "config" {
  description = "AWS Config. bucket_name, key_arn, prefix: where it writes history and snapshots; its service-linked role does, which the policies of bucket and key let in. make_role: whether that role is made here; an account has it once. retention_days: how long Config itself keeps what it knows. rules: managed rules by name, instead of those of config-rules.tf."
  type = object({
    bucket_name    = string
    key_arn        = string
    prefix         = optional(string, "config")
    make_role      = optional(bool, true)
    retention_days = optional(number, 2555)
    rules = optional(map(object({
      identifier = string
      parameters = optional(map(string), {})
    })))
  })
  default = null

  validation {
    condition     = !var.enabled.config || var.config != null
    error_message = "config says where AWS Config writes, or enabled.config is false."
  }

  validation {
    condition     = try(var.config.retention_days >= 30 && var.config.retention_days <= 2557, true)
    error_message = "config.retention_days is from 30 to 2557, which AWS Config takes."
  }
}

variable "standards" {
  description = "Standards of Security Hub, by the part of their ARN behind standards/."
  type        = set(string)
  default     = ["aws-foundational-security-best-practices/v/1.0.0", "nist-800-53/v/5.0.0"]

  validation {
    condition     = alltrue([for standard in var.standards : can(regex("^[a-z0-9-]+/v/[0-9.]+$", standard))])
    error_message = "standards are like nist-800-53/v/5.0.0."
  }
}

variable "inspector_types" {
  description = "What Inspector scans: EC2, ECR, LAMBDA, LAMBDA_CODE."
  type        = set(string)
  default     = ["EC2", "ECR", "LAMBDA"]

  validation {
    condition     = length(var.inspector_types) > 0 && length(setsubtract(var.inspector_types, ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])) == 0
    error_message = "inspector_types takes EC2, ECR, LAMBDA and LAMBDA_CODE, one at least; enabled.inspector switches it off."
  }
}

variable "findings" {
  description = "Where findings go. topic_arn: SNS topic that lets events.amazonaws.com publish; undelivered_queue_arn: queue of those that did not reach it; severities: which are sent, but those of Security Hub's own controls. Null sends none."
  type = object({
    topic_arn             = string
    undelivered_queue_arn = string
    severities            = optional(set(string), ["HIGH", "CRITICAL"])
  })
  default = null

  validation {
    condition     = var.findings == null || try(length(var.findings.severities) > 0 && length(setsubtract(var.findings.severities, ["LOW", "MEDIUM", "HIGH", "CRITICAL"])) == 0, false)
    error_message = "findings.severities takes LOW, MEDIUM, HIGH and CRITICAL, one at least."
  }
}
