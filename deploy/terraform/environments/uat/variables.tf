variable "account_id" {
  description = "The account that this environment is in: with credentials of another, nothing happens. Any by default."
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
  description = "Whether GuardDuty, Config, Security Hub, Inspector and the trail are this environment's: true where it has an account of its own, false beside prod."
  type        = bool
  default     = false
}

variable "access_entries" {
  description = "Who may use the cluster: as the module eks has it."
  type        = map(object({ principal = string, policy = string, scope = optional(set(string), []) }))
  default     = {}
}

variable "public_access_cidrs" {
  description = "Addresses from which the Kubernetes API can be reached, such as an office's; none: from inside the VPC alone."
  type        = list(string)
  default     = []
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
