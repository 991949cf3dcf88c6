variable "repository" {
  description = "Whose workflows may plan and deploy, as GitHub signs for it: ORG/REPO in its spelling, and ORG@NUMBER/REPO@NUMBER for a repository that was made or renamed since July 2026 (`gh api repos/ORG/REPO --jq '.owner.id, .id'` tells the numbers)."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*(@[0-9]+/[A-Za-z0-9._-]+@[0-9]+|/[A-Za-z0-9._-]+)$", var.repository))
    error_message = "repository must be one ORG/REPO or ORG@NUMBER/REPO@NUMBER, without `*`: another repository's workflows could deploy."
  }
}

variable "environments" {
  description = "Environments of this account. Each has a role that its GitHub environment alone may take, for code of the branch main: put reviewers on that of prod."
  type        = set(string)
  default     = ["dev", "staging", "uat", "prod", "prod-dr"]

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9-]{1,11}$", name)) && !can(regex("^ci(-|$)", name))])
    error_message = "environments must be names of small letters, digits and hyphens, as they are in the sub claim and in names of roles; `ci` is in those of workflows."
  }
}

variable "region" {
  description = "Region of the state's bucket. It serves environments of all regions."
  type        = string
  default     = "us-east-1"
}

variable "estate_regions" {
  description = "Regions in which workflows may make anything; us-east-1 comes on top, where global services are."
  type        = set(string)
  default     = ["us-east-1", "us-west-2"]
}

variable "account_id" {
  description = "The account that this is for; anything done with credentials of another is an error. Any by default."
  type        = string
  default     = null
}

variable "owner" {
  description = "Tag `Owner`."
  type        = string
  default     = "platform"
}

variable "cost_center" {
  description = "Tag `CostCenter`."
  type        = string
  default     = "platform"
}

variable "existing_oidc_provider" {
  description = "Whether the account has GitHub's identity provider already: there can be one alone."
  type        = bool
  default     = false
}
