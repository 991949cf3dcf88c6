variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "kms_key_arn" {
  description = "KMS key of the vault, and of recovery points of the services that AWS Backup manages fully."
  type        = string
}

variable "copy_vault_arn" {
  description = "Vault in the second region that takes a copy of each recovery point; null makes none."
  type        = string
  default     = null
}

variable "plans" {
  description = "Whether this vault has plans. False in the second region, which takes copies alone."
  type        = bool
  default     = true
}

variable "lock" {
  description = "Vault lock. mode: governance, which an administrator can remove; compliance, which nobody can, not even AWS, once changeable_for_days are over; none. min_days and max_days: the retentions that the vault takes."
  type = object({
    mode                = optional(string, "governance")
    min_days            = optional(number, 7)
    max_days            = optional(number, 2555)
    changeable_for_days = optional(number, 14)
  })
  default = {}

  validation {
    condition     = contains(["governance", "compliance", "none"], var.lock.mode)
    error_message = "lock.mode is governance, compliance or none."
  }

  validation {
    condition     = var.lock.mode == "none" || !var.plans || (var.daily.delete_after_days >= var.lock.min_days && max(var.daily.delete_after_days, var.weekly.delete_after_days) <= var.lock.max_days)
    error_message = "The vault would refuse what the plans make: their retentions lie from lock.min_days to lock.max_days."
  }

  validation {
    condition     = var.lock.changeable_for_days >= 3
    error_message = "lock.changeable_for_days is 3 at least, which AWS asks for."
  }
}

variable "daily" {
  description = "Daily plan. cron: when, in UTC. delete_after_days: retention. continuous: point-in-time recovery of what supports it (RDS, Aurora, S3), 35 days at most."
  type = object({
    cron              = optional(string, "cron(0 3 * * ? *)")
    delete_after_days = optional(number, 35)
    continuous        = optional(bool, false)
  })
  default = {}

  validation {
    condition     = !var.daily.continuous || var.daily.delete_after_days <= 35
    error_message = "daily.delete_after_days is 35 at most with daily.continuous: AWS Backup keeps continuous backups no longer."
  }
}

variable "weekly" {
  description = "Weekly plan. cold_after_days: when a recovery point goes to cold storage, of the services that have one (main.tf); 0 never. delete_after_days: retention, which is 90 days or more after that."
  type = object({
    cron              = optional(string, "cron(0 5 ? * SUN *)")
    cold_after_days   = optional(number, 30)
    delete_after_days = optional(number, 2555)
  })
  default = {}

  validation {
    condition     = var.weekly.cold_after_days == 0 || var.weekly.delete_after_days >= var.weekly.cold_after_days + 90
    error_message = "weekly.delete_after_days is 90 or more above weekly.cold_after_days: cold storage is billed for 90 days at least, and AWS Backup refuses less."
  }
}

variable "selection_tag" {
  description = "What is backed up: resources with this tag."
  type        = object({ key = optional(string, "Backup"), value = optional(string, "true") })
  default     = {}
}

variable "region_opt_in" {
  description = "Which services AWS Backup takes in this region, all of them by type: what is selected by a tag is passed over without. It holds for the whole account; null leaves it as it is."
  type        = map(bool)
  default     = null
}

variable "topic_arn" {
  description = "SNS topic of copies that fail and of recovery points that somebody changes, which lets backup.amazonaws.com publish. Jobs that fail are announced by EventBridge."
  type        = string
}

variable "restore_testing" {
  description = "Restores from the vault that AWS starts by itself, and deletes after validation_hours. resource_types: what is restored, such as Aurora or S3; metadata: how, by type, such as Aurora's subnets. Null makes none."
  type = object({
    cron             = optional(string, "cron(0 7 ? * MON *)")
    validation_hours = optional(number, 4)
    resource_types   = set(string)
    metadata         = optional(map(map(string)), {})
  })
  default = null
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
