variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,25}$", var.name))
    error_message = "name must have 2 to 26 small letters, digits or hyphens, and begin with a letter: names of target groups have 32 at most."
  }
}

variable "image" {
  description = "Image by its digest, REPOSITORY@sha256:…: a tag could be another image at the next start of a task. For the first task definition; later ones come from the deployment."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must name a digest: REPOSITORY@sha256:… ."
  }
}

variable "architecture" {
  description = "Of the tasks: `X86_64` or `ARM64`."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture must be X86_64 or ARM64."
  }
}

variable "cpu" {
  description = "Of a task, in 1024ths of a virtual CPU, as Fargate has them."
  type        = number
  default     = 1024
}

variable "memory_mib" {
  description = "Of a task: 1 GiB for two workers (docs/operations.md, Sizing), and room for Fargate's smallest step."
  type        = number
  default     = 2048
}

variable "tasks" {
  description = "Members of the consumer group: the least and the most of them, and the percentage of CPU that autoscaling keeps. More than there are partitions have nothing to do, and during a deployment there are twice as many."
  type        = object({ min = optional(number, 2), max = optional(number, 12), cpu_percent = optional(number, 60) })
  default     = {}

  validation {
    condition     = var.tasks.min >= 1 && var.tasks.max >= var.tasks.min
    error_message = "tasks must be 1 <= min <= max."
  }
}

variable "vpc_id" {
  description = "The VPC of the tasks."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of tasks and load balancer."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the tasks: brokers and HTTPS out, the health port in from the load balancer."
  type        = list(string)
}

variable "load_balancer_security_group_ids" {
  description = "Security groups of the load balancer: the health port out to the tasks, nothing in."
  type        = list(string)
}

variable "files" {
  description = "Texts of Tidewatch's configuration by their paths below /etc/tidewatch: settings.yaml, resources/checkout.yaml … Compressed they are in the task definition, which AWS limits to 64 KiB."
  type        = map(string)

  validation {
    condition     = contains(keys(var.files), "settings.yaml")
    error_message = "files must have settings.yaml."
  }

  validation {
    condition     = alltrue([for path in keys(var.files) : can(regex("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", path))])
    error_message = "files must be named by paths of letters, digits, dots, hyphens and slashes, below /etc/tidewatch."
  }

  validation {
    condition     = length(base64gzip(jsonencode(var.files))) < 40000
    error_message = "files are above 40,000 bytes when compressed, and a task definition takes 64 KiB: build them into an image on top of Tidewatch's."
  }
}

variable "environment" {
  description = "What the settings' $${NAME} resolve to, such as KAFKA_BOOTSTRAP_SERVERS. No secret: it is in the state, and who may describe tasks reads it."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Secrets as files, by their paths below /etc/tidewatch/secrets, as the settings' passwordFile and routingKeyFile name them: ARN of Secrets Manager, and :FIELD:: behind it for one field of JSON."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^:*]+(:[^:*]*:[^:]*:[^:]*)?$", arn))])
    error_message = "secrets must be ARNs of Secrets Manager, each of one secret."
  }

  validation {
    condition     = alltrue([for path in keys(var.secrets) : can(regex("^[A-Za-z0-9_-][A-Za-z0-9._-]*$", path))])
    error_message = "secrets must be named by file names without a folder."
  }
}

variable "secrets_key_arn" {
  description = "Key of these secrets."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the log group."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 365
}

variable "task_policy_arns" {
  description = "Policies of what Tidewatch itself may do in AWS, by a name of your own. By SCRAM it signs in to MSK without any."
  type        = map(string)
  default     = {}
}

variable "repository_arns" {
  description = "Repositories from which images are pulled, and no others."
  type        = list(string)
}

variable "rollback_alarm_names" {
  description = "CloudWatch alarms that end a deployment and go back, beside that of unhealthy tasks: those of the module monitoring that say how far consumers are behind."
  type        = set(string)
  default     = []
}

variable "watch_minutes" {
  description = "How long both colours stay after the green one is up: an alarm or a failed check in this time goes back to blue at once."
  type        = number
  default     = 15

  validation {
    condition     = var.watch_minutes >= 5 && var.watch_minutes <= 2880
    error_message = "watch_minutes must be from 5 (lag shows after some) to 2880."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
}
