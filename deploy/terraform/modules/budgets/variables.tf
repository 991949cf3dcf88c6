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
  description = "Cost allocation tag whose costs count, such as {Environment = \"prod\"}. It has to be active in the management account; with none the whole account counts."
  type        = map(string)

  validation {
    condition     = length(var.tags) <= 1
    error_message = "tags has one tag at most: AWS does not say whether a budget of two counts what has both, or either."
  }
}

variable "actual_percent" {
  description = "Percent of the budget at whose spending somebody is told."
  type        = set(number)
  default     = [50, 80, 100]

  validation {
    condition     = alltrue([for percent in var.actual_percent : percent > 0])
    error_message = "actual_percent is above 0."
  }
}

variable "forecast_percent" {
  description = "Percent of the budget at whose forecast for the month somebody is told; AWS forecasts after five weeks of costs."
  type        = set(number)
  default     = [100]

  validation {
    condition     = alltrue([for percent in var.forecast_percent : percent > 0]) && length(var.actual_percent) + length(var.forecast_percent) <= 5
    error_message = "forecast_percent is above 0, and there are five of both percents at most, which AWS takes for a budget."
  }
}

variable "emails" {
  description = "Addresses that are told beside the topic, ten at most."
  type        = set(string)
  default     = []

  validation {
    condition     = length(var.emails) <= 10
    error_message = "emails has ten addresses at most, which AWS Budgets takes for a notification."
  }
}

variable "topic_arn" {
  description = "SNS topic that is told, which lets budgets.amazonaws.com and costalerts.amazonaws.com publish."
  type        = string
}

variable "anomalies" {
  description = "Cost anomaly detection, of the costs with a tag or, without one, of each service. By tag it is for an account that pays for itself, the organisation's management account or one without an organisation: AWS refuses it in others. By service an account has one monitor, and a new account has that from AWS. impact_usd_min: from how much on somebody is told: the topic at once, emails once a day."
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
