variable "environment" {
  description = "Name of the environment: `dev`, `staging`, `uat`, `prod`, `prod-dr`. All names begin with `tidewatch-` and it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,8}$", var.environment))
    error_message = "environment must have 2 to 9 small letters, digits or hyphens: names of target groups grow from it, which have 32 at most."
  }
}

variable "role" {
  description = "`primary`, or `secondary`: the second region of another environment, which takes its copies and stands by."
  type        = string
  default     = "primary"

  validation {
    condition     = contains(["primary", "secondary"], var.role)
    error_message = "role must be `primary` or `secondary`."
  }
}

variable "protected" {
  description = "Whether AWS refuses to delete what holds data, and buckets that aren't empty stay. False for estates that are tried out."
  type        = bool
  default     = true
}

variable "looks_after_account" {
  description = "Whether this estate has what an account has once: GuardDuty, Config, Security Hub and Inspector of the region, the trail, images' way to the second region. One environment of an account."
  type        = bool
  default     = true
}

variable "organization" {
  description = "The organisation whose trail this estate has, where its account manages the organisation or administers CloudTrail for it: the id, `o-…`, and the account that manages it, which owns the trail whoever makes it. None: this account's own trail."
  type        = object({ id = string, management_account_id = string })
  default     = null
}

variable "network" {
  description = "Addresses, zones with work, zones that have subnets alone (EKS, MSK, RDS and load balancers ask for two), NAT: `zone`, `one` or `none`."
  type = object({
    cidr          = optional(string, "10.0.0.0/16")
    zones         = list(string)
    standby_zones = optional(list(string), [])
    nat           = optional(string, "zone")
  })

  validation {
    condition     = length(var.network.zones) + length(var.network.standby_zones) >= 2
    error_message = "network.zones and standby_zones must be two zones or more together: EKS, MSK and RDS ask for subnets in two."
  }
}

variable "retention" {
  description = "Days. log: CloudWatch's. audit: the archive's lock, and backups of weeks. backup: days back to which a database can be restored to the second. object_lock_mode and vault_lock_mode: who can shorten them (modules s3 and backup)."
  type = object({
    log              = optional(number, 365)
    audit            = optional(number, 2555)
    backup           = optional(number, 35)
    object_lock_mode = optional(string, "COMPLIANCE")
    vault_lock_mode  = optional(string, "governance")
  })
  default = {}
}

variable "kafka" {
  description = "MSK, as the module msk has it."
  type = object({
    serverless         = optional(bool, false)
    instance_type      = optional(string, "kafka.m7g.large")
    brokers_per_zone   = optional(number, 1)
    volume_size_gb     = optional(number, 500)
    volume_size_max_gb = optional(number, 4000)
  })
  default = {}
}

variable "eks" {
  description = "The cluster and its groups of nodes, as the module eks has them; null where Tidewatch runs on Fargate (ecs)."
  type = object({
    kubernetes_version     = optional(string, "1.35")
    endpoint_public_access = optional(bool, false)
    public_access_cidrs    = optional(list(string), [])
    node_groups = map(object({
      instance_types = list(string)
      capacity       = optional(string, "ON_DEMAND")
      ami_type       = optional(string, "AL2023_x86_64_STANDARD")
      min_size       = number
      desired_size   = number
      max_size       = number
      volume_size_gb = optional(number, 50)
      labels         = optional(map(string), {})
    }))
    access_entries = optional(map(object({ principal = string, policy = string, scope = optional(set(string), []) })), {})
  })
  default = null
}

variable "ecs" {
  description = "The consumer on Fargate, as the module ecs-service has it; null where it runs on EKS. secrets come beside the broker's password (`password`)."
  type = object({
    image        = string
    files        = map(string)
    secrets      = optional(map(string), {})
    architecture = optional(string, "ARM64")
    cpu          = optional(number, 1024)
    memory_mib   = optional(number, 2048)
    tasks        = optional(object({ min = optional(number, 2), max = optional(number, 12), cpu_percent = optional(number, 60) }), {})
  })
  default = null

  validation {
    condition     = (var.ecs == null) != (var.eks == null)
    error_message = "One of eks and ecs must be given, and not both: two places would run two consumers of one group."
  }

  validation {
    condition     = var.ecs == null || !var.kafka.serverless
    error_message = "ecs wants brokers (kafka.serverless = false): its consumer signs in by SCRAM, which serverless Kafka doesn't have."
  }
}

variable "aurora" {
  description = "PostgreSQL by Aurora; null where there is none. A full engine_version (15.10) where there is a second region."
  type = object({
    instance_class = optional(string, "db.r7g.large")
    readers        = optional(number, 1)
    engine_version = optional(string, "15")
  })
  default = null
}

variable "timescale" {
  description = "The PostgreSQL instance for time series; null where there is none. ami_id: the image that it stays with; Canonical's newest otherwise."
  type = object({
    ami_id         = optional(string)
    instance_type  = optional(string, "r7g.large")
    volume_size_gb = optional(number, 500)
  })
  default = null
}

variable "redis" {
  description = "Redis; null where there is none."
  type = object({
    node_type = optional(string, "cache.r7g.large")
    replicas  = optional(number, 1)
  })
  default = null
}

variable "edge" {
  description = "The way in for telemetry by HTTP and for feeds, as the modules edge and edge/global have it; null where nothing comes in. With two regions the load balancers have public addresses, as one name can't fail over between internal ones."
  type = object({
    domain     = string
    zone_id    = string
    tls13_only = optional(bool, true)
  })
  default = null
}

variable "origin_header" {
  description = "As the module edge has it: needed with two regions, the same in both."
  type        = object({ name = optional(string, "X-Origin-Verify"), value = string })
  default     = null
  sensitive   = true
}

variable "two_regions" {
  description = "Of a primary: whether it is to have a second region, ever. The database is a global one from the beginning then, as it can't become one, and the way in fails over."
  type        = bool
  default     = false

  validation {
    condition     = var.second_region == null || var.two_regions
    error_message = "second_region is given to an estate that has one: set two_regions as well, before its database is made."
  }
}

variable "second_region" {
  description = "Of a primary with a second region: outputs of that region's estate (`for_primary`). None: nothing is copied yet."
  type = object({
    region           = string
    bucket_arns      = map(string)
    key_arns         = object({ data = string, logs = string, audit = string, secrets = string })
    backup_vault_arn = string
  })
  default = null
}

variable "first_region" {
  description = "Of a secondary: the environment's name that it stands by for, and, once that is there, of its output `for_secondary` the ARN of the copy of its database's master secret in this region, and its Kafka, of which MSK Replicator copies the inputs."
  type = object({
    environment       = string
    master_secret_arn = optional(string)
    kafka             = optional(object({ cluster_arn = string, subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = null

  validation {
    condition     = (var.role == "secondary") == (var.first_region != null)
    error_message = "A secondary, and no other, says whose second region it is (first_region)."
  }
}

variable "metric_stream" {
  description = "Whether CloudWatch's metrics come, by stream and Firehose: they are billed by the number of updates."
  type        = bool
  default     = true
}

variable "pagerduty" {
  description = "Secret with the address of PagerDuty's integration, as the module monitoring has it; null pages nobody."
  type = object({
    secret_arn = string
    key_arn    = string
    field      = optional(string, "integration-url")
    version_id = optional(string, "")
  })
  default = null
}

variable "budget" {
  description = "US dollars a month, of what has the tag Environment of this estate, and who is told by e-mail beside the topic that pages. anomalies: whether what is unusual in these costs is told, too, which AWS does in an account that pays for itself alone: the organisation's management account, or one without an organisation."
  type        = object({ monthly_usd = number, emails = optional(set(string), []), anomalies = optional(bool, false) })
}

variable "auditor_principal_arns" {
  description = "People's roles that may read the audit archive."
  type        = list(string)
  default     = []
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

variable "roles_boundary" {
  description = "Name of the policy that bounds all roles of the estate (permissions boundary). A workflow makes no role without bootstrap's; null, or another one, where the account has no bootstrap."
  type        = string
  default     = "tidewatch-ci-boundary"
}
