variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`: roles are `NAME-PART`."
  type        = string
}

variable "cluster" {
  description = "The EKS cluster whose pods take the roles: `oidc_provider_arn` and `oidc_issuer` (with or without `https://`) for IRSA, `arn` for Pod Identity."
  type = object({
    arn               = optional(string)
    oidc_provider_arn = optional(string)
    oidc_issuer       = optional(string)
  })
}

variable "trust" {
  description = "How pods take roles: `irsa` (by the cluster's identity provider) or `pod-identity` (by the agent on each node; the eks module associates accounts with roles)."
  type        = string
  default     = "irsa"

  validation {
    condition     = contains(["irsa", "pod-identity"], var.trust)
    error_message = "trust must be `irsa` or `pod-identity`."
  }
}

variable "service_accounts" {
  description = "Which Kubernetes service account takes which role."
  type = object({
    consumer         = optional(object({ namespace = string, name = string }), { namespace = "tidewatch", name = "tidewatch" })
    gateway          = optional(object({ namespace = string, name = string }), { namespace = "tidewatch", name = "tidewatch-gateway" })
    s3-reader        = optional(object({ namespace = string, name = string }), { namespace = "tidewatch", name = "tidewatch-s3-reader" })
    reporter         = optional(object({ namespace = string, name = string }), { namespace = "tidewatch", name = "tidewatch-reporter" })
    external-secrets = optional(object({ namespace = string, name = string }), { namespace = "external-secrets", name = "external-secrets" })
    load-balancer    = optional(object({ namespace = string, name = string }), { namespace = "kube-system", name = "aws-load-balancer-controller" })
  })
  default = {}
}

variable "kafka" {
  description = "The MSK cluster's ARN, and the names of what Tidewatch's settings call `inputs`, `outputs.prefix`, `kafka.groupID` and `outputs.createTopics`."
  type = object({
    cluster_arn   = string
    inputs        = optional(set(string), ["aws.cloudtrail", "aws.vpc-flow", "aws.metrics"])
    prefix        = optional(string, "tidewatch.")
    group         = optional(string, "tidewatch")
    create_topics = optional(bool, false)
  })

  validation {
    condition     = can(regex("^arn:[a-z-]+:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[^/*]+/[^/*]+$", var.kafka.cluster_arn))
    error_message = "kafka.cluster_arn must be one cluster's ARN: arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID."
  }

  validation {
    condition     = length(var.kafka.prefix) > 1 && length(var.kafka.group) > 0 && !can(regex("[*?]", "${var.kafka.prefix}${var.kafka.group}${join("", var.kafka.inputs)}"))
    error_message = "kafka.prefix, group and inputs must be names without `*` or `?`: they would allow topics of others."
  }

  validation {
    condition     = alltrue([for topic in var.kafka.inputs : !startswith(topic, var.kafka.prefix)])
    error_message = "kafka.inputs must not begin with kafka.prefix: who delivers telemetry could write Tidewatch's own topics."
  }
}

variable "bucket_arns" {
  description = "Buckets by purpose, as the s3 module has them."
  type = object({
    exports = string
    logs    = string
    audit   = string
  })
}

variable "kms_key_arns" {
  description = "Keys by purpose, as the kms module has them."
  type = object({
    data    = string
    logs    = string
    audit   = string
    secrets = string
  })
}

variable "queue_arns" {
  description = "Queues with S3's word of new objects, from which the S3 reader takes its work; their key is that of `logs`."
  type        = list(string)
  default     = []
}

variable "target_group_arns" {
  description = "Target groups into which the load balancer controller may put pods. It makes none itself: without any it has no role."
  type        = list(string)
  default     = []
}

variable "secret_arns" {
  description = "Secrets in Secrets Manager that External Secrets may read, beside those named `NAME/…`: such as the broker's SCRAM secrets, whose names must begin with `AmazonMSK_`."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.secret_arns : can(regex(":secret:[^*]+", arn))])
    error_message = "secret_arns must name secrets, not all of them."
  }
}

variable "auditor_principal_arns" {
  description = "People's roles that may take the auditor's, such as one of IAM Identity Center. Without any there is no such role."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.auditor_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "auditor_principal_arns must be ARNs of roles or users, not of whole accounts."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
