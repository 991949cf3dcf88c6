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
  description = "KMS key of volumes that name none; null is AWS's own."
  type        = string
  default     = null
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
  description = "AWS Config. bucket_name, bucket_arn, key_arn: where it writes history and snapshots. retention_days: how long it keeps what it knows, 2,557 at most. rules: managed rules by name, each with its identifier and parameters."
  type = object({
    bucket_name    = string
    bucket_arn     = string
    key_arn        = string
    prefix         = optional(string, "config")
    retention_days = optional(number, 2555)
    rules = optional(map(object({
      identifier = string
      parameters = optional(map(string))
    })))
  })
  default = null

  validation {
    condition     = !var.enabled.config || var.config != null
    error_message = "config says where AWS Config writes, or enabled.config is false."
  }
}

variable "standards" {
  description = "Standards of Security Hub, by the part of their ARN behind standards/."
  type        = set(string)
  default     = ["aws-foundational-security-best-practices/v/1.0.0", "nist-800-53/v/5.0.0"]
}

variable "inspector_types" {
  description = "What Inspector scans: EC2, ECR, LAMBDA, LAMBDA_CODE."
  type        = set(string)
  default     = ["EC2", "ECR", "LAMBDA"]
}

variable "findings" {
  description = "Where findings go. topic_arn: an SNS topic whose key this module's role may use: key_arn. undelivered_queue_arn: queue of events that did not reach it. severities: labels of Security Hub; severity_min: the number from which GuardDuty's count, where Security Hub is off. Null sends none."
  type = object({
    topic_arn             = string
    key_arn               = string
    undelivered_queue_arn = optional(string)
    severities            = optional(set(string), ["HIGH", "CRITICAL"])
    severity_min          = optional(number, 7)
  })
  default = null
}
