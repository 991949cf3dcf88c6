variable "name" {
  description = "Prefix of all names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name has 2 to 31 lower-case letters, digits and hyphens, and begins with a letter: role names grow from it."
  }
}

variable "subnet_id" {
  description = "Private subnet of the instance. Packages come through its NAT while the instance is made."
  type        = string
}

variable "availability_zone" {
  description = "Zone of subnet_id; the data's volume is there."
  type        = string
}

variable "security_group_ids" {
  description = "Security groups of the instance: PostgreSQL in; HTTPS out, and HTTP, by which Ubuntu has its packages."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the volumes and their snapshots."
  type        = string
}

variable "secrets_key_arn" {
  description = "Key of the secret."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the log group."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps PostgreSQL's log."
  type        = number
  default     = 365
}

variable "instance_type" {
  description = "Instance type, with arm64 processors."
  type        = string
  default     = "r7g.large"

  validation {
    condition     = can(regex("^[a-z]+[0-9]g[a-z]*\\.", var.instance_type))
    error_message = "instance_type is one with arm64 processors (t4g, m7g, r7g …), as the image is."
  }
}

variable "ami_id" {
  description = "An image of your own of Ubuntu 24.04 for arm64, with or without the packages; Canonical's newest where it is null."
  type        = string
  default     = null
}

variable "postgresql_version" {
  description = "Major version of PostgreSQL."
  type        = number
  default     = 17

  validation {
    condition     = contains([15, 16, 17], var.postgresql_version)
    error_message = "postgresql_version is 15, 16 or 17."
  }
}

variable "timescaledb_version" {
  description = "Version of the package timescaledb-2-postgresql-N, as apt has it (2.27.*); the newest when the instance is made where it is empty."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[0-9a-z.*~+-]*$", var.timescaledb_version))
    error_message = "timescaledb_version has what versions of packages have, and *."
  }
}

variable "database_name" {
  description = "Database that is made with the extension in it."
  type        = string
  default     = "tidewatch"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name has lower-case letters, digits and underscores, and begins with a letter."
  }
}

variable "volume_size_gb" {
  description = "Size of the data's volume in GB."
  type        = number
  default     = 500
}

variable "volume_iops" {
  description = "Operations of the data's volume for each second."
  type        = number
  default     = 3000
}

variable "volume_throughput_mibps" {
  description = "Throughput of the data's volume in MiB for each second."
  type        = number
  default     = 250
}

variable "backup_tags" {
  description = "Tags of the data's volume by which a backup plan finds it."
  type        = map(string)
  default     = { Backup = "true" }

  validation {
    condition     = length(var.backup_tags) > 0
    error_message = "Without a tag no backup plan finds the volume."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to terminate the instance."
  type        = bool
  default     = true
}

variable "password_version" {
  description = "Increase it to have a new password made and written; run prepare.sh on the instance again, as its head says, to have it taken."
  type        = number
  default     = 1
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
