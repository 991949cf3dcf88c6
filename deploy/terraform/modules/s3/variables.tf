variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`: buckets are `NAME-PURPOSE-ACCOUNT`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 32 small letters, digits or hyphens, and begin with a letter: bucket names are made with it."
  }
}

variable "kms_key_arns" {
  description = "Keys by purpose, as the kms module has them."
  type = object({
    data  = string
    logs  = string
    audit = string
  })
}

variable "audit_retention_days" {
  description = "Days in which nobody can change or delete an audit record: 2,555 are seven years."
  type        = number
  default     = 2555

  validation {
    condition     = var.audit_retention_days >= 1 && var.audit_retention_days <= 36500
    error_message = "audit_retention_days must be from 1 to 36500."
  }
}

variable "object_lock_mode" {
  description = "Of the audit archive: `COMPLIANCE` (nobody can shorten it, not even the root user, nor delete the bucket before) or `GOVERNANCE` (who has `s3:BypassGovernanceRetention` can)."
  type        = string
  default     = "COMPLIANCE"

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.object_lock_mode)
    error_message = "object_lock_mode must be `COMPLIANCE` or `GOVERNANCE`."
  }
}

variable "replica" {
  description = "The copy in a second region: buckets there by purpose (`documents`, `exports`, `logs`, `audit`; what is missing isn't copied), and the keys there. Both are outputs of the same modules in that region."
  type = object({
    bucket_arns = map(string)
    kms_key_arns = object({
      data  = string
      logs  = string
      audit = string
    })
  })
  default = null

  validation {
    condition     = length(setsubtract([for purpose, arn in try(var.replica.bucket_arns, {}) : purpose], ["documents", "exports", "logs", "audit", "access"])) == 0
    error_message = "replica.bucket_arns must be by purpose: documents, exports, logs, audit (access is ignored: access logs are of their region)."
  }
}

variable "trail" {
  description = "The CloudTrail trail that may write to `audit`: `account_id` of the trail's owner (this account by default; the management account for the organisation's trail), and the `organization_id` (`o-…`) under which that writes."
  type = object({
    account_id      = optional(string)
    organization_id = optional(string)
  })
  default = {}
}

variable "force_destroy" {
  description = "Whether destroying deletes what is in the buckets. For estates that are tried out alone; the audit archive keeps what is locked even then."
  type        = bool
  default     = false
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
