variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "monthly_usd" {
  description = "Budget of a month in US dollars."
  type        = number

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd is above 0."
  }
}

variable "tags" {
  description = "Cost allocation tags whose costs count, such as {Environment = \"prod\"}. They have to be active in the management account; with none the whole account counts."
  type        = map(string)
}

variable "actual_percent" {
  description = "Percent of the budget at whose spending somebody is told."
  type        = set(number)
  default     = [50, 80, 100]
}

variable "forecast_percent" {
  description = "Percent of the budget at whose forecast for the month somebody is told."
  type        = set(number)
  default     = [100]
}

variable "emails" {
  description = "Addresses that are told, ten at most."
  type        = set(string)
  default     = []

  validation {
    condition     = length(var.emails) <= 10
    error_message = "emails has ten addresses at most, which AWS Budgets takes for a notification."
  }
}

variable "topic_arn" {
  description = "SNS topic that is told, which lets budgets.amazonaws.com and costalerts.amazonaws.com publish; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn != null || length(var.emails) > 0
    error_message = "Nobody would be told: give emails or topic_arn."
  }
}

variable "anomalies" {
  description = "Cost anomaly detection: a monitor of the tag (a map of one key and one value, which may be another than those of the budget) or, without tag, of each service. impact_usd_min: from which it is told. An account has one monitor of services at most."
  type = object({
    enabled        = optional(bool, true)
    impact_usd_min = optional(number, 100)
    tag            = optional(object({ key = string, value = string }))
  })
  default = {}
}

variable "activate_tags" {
  description = "Cost allocation tags to activate, such as Project and Environment. In the management account alone, and once AWS has seen the tag on a resource, which takes a day."
  type        = set(string)
  default     = []
}
