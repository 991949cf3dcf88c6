variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "pagerduty" {
  description = "Secret of Secrets Manager with the address of PagerDuty's integration of CloudWatch. secret_arn: the secret, which another hand fills; field: its JSON key; key_arn: its KMS key; version_id: of the secret's version, to be changed when the address is. Null subscribes nobody."
  type = object({
    secret_arn = string
    key_arn    = string
    field      = optional(string, "integration-url")
    version_id = optional(string, "")
  })
  default = null
}

variable "emails" {
  description = "Addresses that have the pages too, so that they do not hang on PagerDuty alone. Each confirms by a message that AWS sends."
  type        = set(string)
  default     = []
}

variable "publishers" {
  description = "AWS services beside CloudWatch that may publish to the topic."
  type        = set(string)
  default     = ["events", "budgets", "costalerts", "backup"]

  validation {
    condition     = alltrue([for service in var.publishers : can(regex("^[a-z0-9-]+$", service))])
    error_message = "publishers are names of services without .amazonaws.com, such as events."
  }
}

variable "kafka" {
  description = "MSK cluster, with metrics by topic (PER_TOPIC_PER_BROKER), and what Tidewatch does there. lag_seconds_max: how far behind its groups may be; silence_seconds_max: how long the topic of registers may be without a byte."
  type = object({
    cluster_name        = string
    consumer_groups     = optional(set(string), ["tidewatch", "tidewatch-evaluators"])
    registers_topic     = optional(string, "tidewatch.registers")
    lag_seconds_max     = optional(number, 300)
    silence_seconds_max = optional(number, 300)
  })

  validation {
    condition     = var.kafka.lag_seconds_max > 0 && var.kafka.silence_seconds_max >= 120 && var.kafka.silence_seconds_max % 60 == 0
    error_message = "kafka.lag_seconds_max is above 0, and kafka.silence_seconds_max whole minutes, two at least: a member that is replaced is silent for one."
  }

  validation {
    condition     = length(var.kafka.consumer_groups) > 0
    error_message = "kafka.consumer_groups names one group at least, or no lag is watched."
  }

  validation {
    condition = alltrue([
      for text in concat(tolist(var.kafka.consumer_groups), [var.kafka.cluster_name, var.kafka.registers_topic]) : can(regex("^[A-Za-z0-9._-]+$", text))
    ])
    error_message = "Names of clusters, groups and topics are letters, digits, dots, underscores and hyphens: they stand in queries, and MSK has no lag of a group with a colon."
  }
}

variable "dead_letter_queue_names" {
  description = "Names of SQS queues in which any message is one that nobody could use."
  type        = set(string)
  default     = []
}

variable "dashboard" {
  description = "What the dashboard shows; what is null or empty has no row. load_balancer and target_group are the arn_suffix of each; redis_cluster_ids are its nodes."
  type = object({
    eks_cluster_name  = optional(string)
    aurora_cluster_id = optional(string)
    redis_cluster_ids = optional(list(string), [])
    load_balancer     = optional(string)
    target_group      = optional(string)
    queue_names       = optional(list(string), [])
    broker_ids        = optional(list(string), ["1", "2", "3"])
  })
  default = {}
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
