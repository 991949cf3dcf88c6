variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of topics and queues. Its policy lets sns.amazonaws.com and events.amazonaws.com use it (kms:GenerateDataKey*, kms:Decrypt), or nothing is delivered."
  type        = string
}

variable "topics" {
  description = "Topics, by a short name: incidents is what somebody has to look at, changes what explains it later."
  type        = set(string)
  default     = ["incidents", "changes"]

  validation {
    condition     = length(setsubtract(["incidents", "changes"], var.topics)) == 0
    error_message = "topics has incidents and changes, to which AWS's own events go."
  }
}

variable "queues" {
  description = "Queues, by a short name, with the topics whose messages they take. receives_max: how often a message is handed out before it is a dead letter. Times in seconds."
  type = map(object({
    topics                     = optional(set(string), [])
    receives_max               = optional(number, 5)
    visibility_timeout_seconds = optional(number, 60)
    retention_seconds          = optional(number, 345600)
  }))
  default = {
    changes = { topics = ["incidents", "changes"] }
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.retention_seconds < 1209600])
    error_message = "A dead letter keeps the age that it had in its queue: retention_seconds is below the 14 days (1209600) of the dead letter queues."
  }

  validation {
    condition     = alltrue([for queue in var.queues : length(setsubtract(queue.topics, var.topics)) == 0])
    error_message = "queues[].topics are names of topics."
  }
}

variable "aws_events" {
  description = "Which of AWS's own events go to a topic: names of the rules in aws-events.tf. Null means all."
  type        = set(string)
  default     = null

  validation {
    condition     = var.aws_events == null || length(setsubtract(coalesce(var.aws_events, []), keys(local.all_aws_events))) == 0
    error_message = "aws_events takes ${join(", ", keys(local.all_aws_events))}."
  }
}

variable "rules" {
  description = "Further rules, by a short name. pattern: an event pattern as JSON. topic: where what matches goes. bus: own, the module's, or default, where AWS's services send theirs."
  type = map(object({
    description = string
    pattern     = string
    topic       = string
    bus         = optional(string, "own")
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in var.rules : contains(["own", "default"], rule.bus)])
    error_message = "rules[].bus is own or default."
  }

  validation {
    condition     = alltrue([for rule in var.rules : can(jsondecode(rule.pattern))])
    error_message = "rules[].pattern is JSON, best made by jsonencode."
  }

  validation {
    condition     = alltrue([for rule in var.rules : contains(var.topics, rule.topic)])
    error_message = "rules[].topic is one of topics."
  }
}

variable "archive_days" {
  description = "Days for which events are kept, to be sent again."
  type        = number
  default     = 90

  validation {
    condition     = var.archive_days > 0
    error_message = "archive_days is above 0: 0 would keep events without end."
  }
}
