variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`: repositories are `NAME/REPOSITORY`."
  type        = string
}

variable "repository_prefix" {
  description = "Another prefix of the repositories' names. A copy in a second region has its source's: there it is the source's `name`."
  type        = string
  default     = null
}

variable "repositories" {
  description = "Images: one repository each."
  type        = set(string)
  default     = ["tidewatch"]

  validation {
    condition     = length(var.repositories) > 0
    error_message = "repositories must name one repository at least."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key of `data`."
  type        = string
}

variable "tagged_images_max" {
  description = "Tagged images that each repository keeps, the latest; signatures and bills of materials have tags, too. Fewer than the releases that you may want to go back to would delete one that runs."
  type        = number
  default     = 200

  validation {
    condition     = var.tagged_images_max >= 20
    error_message = "tagged_images_max must be 20 at least: a release that runs could be deleted."
  }
}

variable "untagged_days" {
  description = "Days after which images without a tag go, such as those of builds that were not released."
  type        = number
  default     = 14
}

variable "replica_region" {
  description = "Second region to which images are copied when they are pushed; none by default. A registry has one such rule: one environment of an account sets it."
  type        = string
  default     = null
}

variable "pull_principal_arns" {
  description = "Who may pull and nothing else: roles of nodes and tasks, or `arn:aws:iam::ACCOUNT:root` for another account. Roles of this account may also be allowed by their own policies."
  type        = list(string)
  default     = []
}

variable "push_principal_arns" {
  description = "Roles that may push. Where it is set, nobody else can, whatever their policies say: what runs in an environment comes from its workflow."
  type        = list(string)
  default     = []
}
