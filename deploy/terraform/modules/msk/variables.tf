variable "name" {
  description = "Prefix of all names, and the cluster's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,47}$", var.name))
    error_message = "The name has 2 to 48 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "subnet_ids" {
  description = "Subnets of the brokers, one in each zone, two or three of them."
  type        = list(string)

  validation {
    condition     = contains([2, 3], length(var.subnet_ids))
    error_message = "MSK wants two or three subnets, each in a zone of its own."
  }
}

variable "security_group_ids" {
  description = "Security groups of the brokers."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the brokers' volumes."
  type        = string
}

variable "secrets_key_arn" {
  description = "Key of the SCRAM user's secret. MSK does not take AWS's own key."
  type        = string
}

variable "log_kms_key_arn" {
  description = "Key of the brokers' log group."
  type        = string
}

variable "log_bucket_name" {
  description = "Bucket that the brokers' logs go to as well, under msk/NAME/."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the brokers' logs."
  type        = number
  default     = 365
}

variable "serverless" {
  description = "A serverless cluster in place of brokers: no sizes, no logs, sign-in by IAM alone, and AWS chooses version and settings."
  type        = bool
  default     = false
}

variable "kafka_version" {
  description = "Version as MSK names it, with KRaft."
  type        = string
  default     = "3.9.x.kraft"

  validation {
    condition     = can(regex("^(3\\.[7-9]|[4-9]\\.[0-9]+)\\.x\\.kraft$", var.kafka_version))
    error_message = "kafka_version is one with KRaft, 3.7.x.kraft or later: ZooKeeper's clusters can't be turned into one."
  }
}

variable "instance_type" {
  description = "Instance type of a broker."
  type        = string
  default     = "kafka.m7g.large"

  validation {
    condition     = startswith(var.instance_type, "kafka.")
    error_message = "instance_type is one of a standard broker, kafka.…: express brokers have no volumes of their own."
  }
}

variable "brokers_per_zone" {
  description = "Brokers in each zone."
  type        = number
  default     = 1

  validation {
    condition     = var.brokers_per_zone >= 1 && floor(var.brokers_per_zone) == var.brokers_per_zone
    error_message = "brokers_per_zone is a whole number, 1 or more."
  }
}

variable "volume_size_gb" {
  description = "Size of each broker's volume in GB when the cluster is made. It grows by itself, and never shrinks."
  type        = number
  default     = 500
}

variable "volume_size_max_gb" {
  description = "Size in GB that a broker's volume may grow to."
  type        = number
  default     = 4000

  validation {
    condition     = var.volume_size_max_gb >= var.volume_size_gb && var.volume_size_max_gb <= 16384
    error_message = "volume_size_max_gb is between volume_size_gb and 16384."
  }
}

variable "enhanced_monitoring" {
  description = "Detail of the metrics in CloudWatch. Open monitoring has all of them for Prometheus anyway."
  type        = string
  default     = "PER_BROKER"

  validation {
    condition     = contains(["DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"], var.enhanced_monitoring)
    error_message = "enhanced_monitoring is DEFAULT, PER_BROKER, PER_TOPIC_PER_BROKER or PER_TOPIC_PER_PARTITION."
  }
}

variable "scram_user" {
  description = "User who signs in by SCRAM-SHA-512."
  type        = string
  default     = "tidewatch"
}

variable "scram_password_version" {
  description = "Increase it to have a new password made and written."
  type        = number
  default     = 1
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be taken back, and its name isn't free: 7 to 30, or 0 for estates that are made anew often."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days is 0, or from 7 to 30."
  }
}

variable "client_ca_arns" {
  description = "Private certificate authorities whose certificates sign clients in (mutual TLS, port 9094); none closes that port."
  type        = set(string)
  default     = []
}

variable "acls_required" {
  description = "Whether what no ACL names is closed to users of SCRAM and of certificates. Somebody with IAM's kafka-cluster:AlterCluster makes the ACLs; for those who sign in by IAM its policies alone hold."
  type        = bool
  default     = true
}

variable "replication_source" {
  description = "Whether MSK Replicator may read this cluster for one in another region: opens multi-VPC connectivity by IAM, which the smallest brokers (t3) lack."
  type        = bool
  default     = false
}

variable "replicate_from" {
  description = "The first region's cluster, where this one is the second's: its ARN, the subnets and security groups by which MSK Replicator reaches it, and the topics to copy (patterns). Inputs alone: what Tidewatch writes names offsets of the cluster that it was counted in."
  type = object({
    cluster_arn        = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
    topics             = optional(list(string), ["aws\\..*"])
  })
  default = null

  validation {
    condition     = alltrue([for pattern in try(var.replicate_from.topics, []) : !startswith(pattern, "tidewatch") && pattern != ".*"])
    error_message = "replicate_from.topics leaves Tidewatch's own topics out: in another cluster their offsets name other records."
  }

  validation {
    condition     = var.replicate_from == null || !var.serverless
    error_message = "replicate_from wants brokers, as the cluster that it reads has them."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
