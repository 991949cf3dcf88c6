variable "name" {
  description = "Prefix of all names, and the replication group's id."
  type        = string

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){1,31}$", var.name))
    error_message = "The name has 2 to 32 lower-case letters, digits and single hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "subnet_ids" {
  description = "Isolated database subnets."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the nodes."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the data and its snapshots."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the log groups."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the slow log and the engine's log."
  type        = number
  default     = 365
}

variable "engine_version" {
  description = "Version of Redis."
  type        = string
  default     = "7.1"

  validation {
    condition     = contains(["7.0", "7.1"], var.engine_version)
    error_message = "engine_version is 7.0 or 7.1: earlier ones have no sign-in by IAM."
  }
}

variable "node_type" {
  description = "Type of each node."
  type        = string
  default     = "cache.r7g.large"
}

variable "replicas" {
  description = "Replicas beside the primary, spread over the zones. With none there is no failover."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas is a whole number from 0 to 5."
  }
}

variable "maxmemory_policy" {
  description = "What is removed where memory is full: volatile-lru, of the keys that expire anyway, those that were not read for longest."
  type        = string
  default     = "volatile-lru"
}

variable "snapshot_retention_days" {
  description = "Days for which daily snapshots are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshot_retention_days >= 1 && var.snapshot_retention_days <= 35
    error_message = "snapshot_retention_days is between 1 and 35: 0 would turn snapshots off."
  }
}

variable "users" {
  description = "Users who sign in by IAM, as NAME-key (tidewatch-prod-app), and what each may do, in the words of Redis's ACLs. The user `default` is there and closed."
  type        = map(string)
  default     = { app = "on ~tidewatch:* resetchannels &tidewatch:* -@all +@read +@write +@connection +@pubsub +@transaction -@dangerous" }

  validation {
    condition     = alltrue([for key in keys(var.users) : can(regex("^[a-z](-?[a-z0-9]){0,31}$", key)) && key != "default" && length("${var.name}-${key}") <= 40])
    error_message = "A user's key has lower-case letters, digits and single hyphens, at most 40 with the module's name, and is not `default`."
  }

  validation {
    condition     = alltrue([for rules in values(var.users) : !can(regex("\\bnopass\\b|>|#", rules))])
    error_message = "A user's rules name no password: users sign in by IAM."
  }
}

variable "maintenance_window" {
  description = "An hour or more of the week (UTC) for maintenance."
  type        = string
  default     = "sun:05:00-sun:06:00"
}

variable "snapshot_window" {
  description = "An hour or more of the day (UTC) for the snapshot."
  type        = string
  default     = "03:00-04:00"
}
