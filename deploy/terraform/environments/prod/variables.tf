variable "account_id" {
  description = "The account that this environment is in: with credentials of another, nothing happens. deploy/scripts/terraform refuses to go on without."
  type        = string
  default     = null
}

variable "owner" {
  description = "Tag `Owner`: the team that answers for it."
  type        = string
  default     = "platform"
}

variable "cost_center" {
  description = "Tag `CostCenter`."
  type        = string
  default     = "platform"
}

variable "looks_after_account" {
  description = "Whether GuardDuty, Config, Security Hub, Inspector and the trail are this environment's: of one environment in an account and region."
  type        = bool
  default     = true
}

variable "access_entries" {
  description = "Who may use the cluster: as the module eks has it."
  type        = map(object({ principal = string, policy = string, scope = optional(set(string), []) }))
  default     = {}
}

variable "timescale_ami_id" {
  description = "Image of the instance for time series (module timescale); null: Canonical's newest when it is made."
  type        = string
  default     = null
}

variable "admin_security_group_ids" {
  description = "Groups of operators' hosts and of runners, in this VPC or one that is peered with it: they reach the Kubernetes API's private endpoint (443) and the brokers (9096, 9098)."
  type        = set(string)
  default     = []
}

variable "image_pull_principal_arns" {
  description = "Who may pull images from other accounts: roles of nodes or of workflows, which must be there already. Nodes of this account need not be named."
  type        = list(string)
  default     = []
}

variable "edge" {
  description = "The way in: its name, and the zone of Route 53 in which that is; null: nothing comes in."
  type        = object({ domain = string, zone_id = string, tls13_only = optional(bool, true) })
  default     = null
}

variable "origin_header" {
  description = "Header by which the load balancers know our distribution, the same in prod and prod-dr; needed with edge. TF_VAR_origin_header, from a secret: {\"value\": \"…\"}, 32 characters at least."
  type        = object({ name = optional(string, "X-Origin-Verify"), value = string })
  default     = null
  sensitive   = true
}

variable "organization" {
  description = "The organisation's id, `o-…`, and the account that manages it, where this account may have its trail; null: this account's own."
  type        = object({ id = string, management_account_id = string })
  default     = null
}

variable "second_region" {
  description = "prod-dr's output `estate.for_primary`, once that is there; null: nothing is copied."
  type = object({
    region           = string
    bucket_arns      = map(string)
    key_arns         = object({ data = string, logs = string, audit = string, secrets = string })
    backup_vault_arn = string
  })
  default = null
}

variable "auditor_principal_arns" {
  description = "People's roles that may read the audit archive."
  type        = list(string)
  default     = []
}

variable "pagerduty" {
  description = "Secret with the address of PagerDuty's integration, and its key; null pages nobody."
  type        = object({ secret_arn = string, key_arn = string })
  default     = null
}

variable "budget_emails" {
  description = "Who is told of the budget by e-mail, beside the topic that pages."
  type        = set(string)
  default     = []
}

variable "cost_anomalies" {
  description = "Whether what is unusual in the costs is told: in an account that pays for itself, the organisation's management account or one without an organisation. AWS refuses it in others."
  type        = bool
  default     = false
}
