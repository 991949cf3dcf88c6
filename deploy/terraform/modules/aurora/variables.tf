variable "name" {
  description = "Prefix of all names, and the cluster's identifier."
  type        = string

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){1,46}$", var.name))
    error_message = "The name has 2 to 47 lower-case letters, digits and single hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "subnet_ids" {
  description = "Isolated database subnets, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Aurora wants subnets in two zones at least."
  }
}

variable "security_group_ids" {
  description = "Security groups of the instances."
  type        = list(string)
}

variable "proxy_subnet_ids" {
  description = "Subnets of the proxy, in two zones or more."
  type        = list(string)
}

variable "proxy_security_group_ids" {
  description = "Security groups of the proxy, which those of the instances let in."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the data, its backups and Performance Insights."
  type        = string
}

variable "secrets_key_arn" {
  description = "Key of the master user's secret."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the log groups."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the logs of PostgreSQL and the proxy."
  type        = number
  default     = 365
}

variable "engine_version" {
  description = "`15`: minor versions come by themselves, in the maintenance window. A full one (15.10) is for a global database, whose regions must run the same."
  type        = string
  default     = "15"

  validation {
    condition     = can(regex("^15(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version is 15, or a minor version of it."
  }
}

variable "database_name" {
  description = "Database that is made with the cluster."
  type        = string
  default     = "tidewatch"
}

variable "instance_class" {
  description = "Class of the writer and the readers."
  type        = string
  default     = "db.r7g.large"
}

variable "readers" {
  description = "Readers beside the writer, spread over the zones. One takes over within a minute or so where the writer fails; without any, a new writer takes ten."
  type        = number
  default     = 1

  validation {
    condition     = var.readers >= 0 && var.readers <= 15 && floor(var.readers) == var.readers
    error_message = "readers is a whole number from 0 to 15."
  }
}

variable "backup_retention_days" {
  description = "Days back to which the cluster can be restored to any second."
  type        = number
  default     = 35

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "backup_retention_days is between 7 and 35."
  }
}

variable "backup_tags" {
  description = "Tags of the cluster by which a backup plan finds it."
  type        = map(string)
  default     = { Backup = "true" }
}

variable "backup_window" {
  description = "Half an hour or more of the day (UTC) for the daily backup."
  type        = string
  default     = "03:00-03:30"
}

variable "maintenance_window" {
  description = "Half an hour or more of the week (UTC) for maintenance."
  type        = string
  default     = "sun:04:00-sun:04:30"
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the cluster. Without it the last state is a snapshot still."
  type        = bool
  default     = true
}

variable "global" {
  description = "A global database: its identifier; whether this is the second region's cluster (secondary), which takes its data from the first; in the first, where its master secret is copied to (secret_replica); in the second, that copy's ARN (secret_arn)."
  type = object({
    identifier     = string
    secondary      = optional(bool, false)
    secret_replica = optional(object({ region = string, kms_key_arn = string }))
    secret_arn     = optional(string)
  })
  default = null

  validation {
    condition     = var.global == null || can(regex("^15\\.[0-9]+$", var.engine_version))
    error_message = "A global database names its full engine_version (15.10): both regions must run the same one."
  }

  validation {
    condition     = try(var.global.secondary, false) == (try(var.global.secret_arn, null) != null)
    error_message = "The second region's cluster, and no other, takes the ARN of the master secret's copy (secret_arn)."
  }
}

variable "master_password_version" {
  description = "Increase it to have a new master password made and written. For a global database alone: AWS rotates the password of others."
  type        = number
  default     = 1
}

variable "performance_insights_retention_days" {
  description = "Days for which Performance Insights keeps its samples: 7, or months of 31 days, up to 731."
  type        = number
  default     = 7
}

variable "proxy_secret_arns" {
  description = "Secrets of the database users whom the proxy signs in, by a name of your own; the master user where none is named. All are encrypted with secrets_key_arn."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
