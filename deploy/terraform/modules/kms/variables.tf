variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`: aliases are `alias/NAME-PURPOSE`."
  type        = string
}

variable "deletion_window_days" {
  description = "Days between the order to delete a key and its end, after which all that it encrypted is lost: 7 to 30."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days must be from 7 to 30."
  }
}

variable "rotation_days" {
  description = "Days after which AWS makes new key material; what the old one encrypted stays readable. 90 to 2,560."
  type        = number
  default     = 365

  validation {
    condition     = var.rotation_days >= 90 && var.rotation_days <= 2560
    error_message = "rotation_days must be from 90 to 2560."
  }
}

variable "multi_region" {
  description = "Whether the keys may have replicas in other regions. A key can't change it later. Nothing of Tidewatch needs it: what is copied to the second region is encrypted there with that region's own key, so that a key that is lost or misused costs one region."
  type        = bool
  default     = false
}

variable "trail_account_id" {
  description = "The account of the CloudTrail trail that writes with the key of `audit`: the management account for a trail of the organisation. This account by default."
  type        = string
  default     = null

  validation {
    condition     = var.trail_account_id == null || can(regex("^[0-9]{12}$", var.trail_account_id))
    error_message = "trail_account_id must be an account's twelve digits."
  }
}
