variable "name" {
  description = "Prefix of all names, and the cluster's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name has 2 to 31 lower-case letters, digits and hyphens, and begins with a letter: role names grow from it."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes; node groups follow it. One step at a time: AWS skips none. Standard support of 1.35 ends on 2027-03-27; from then on the control plane costs six times as much (support_type)."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.(3[2-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version is 1.32 or later, which EKS still makes, and has no patch."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the control plane's interfaces and of nodes, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "EKS wants subnets in two zones at least."
  }
}

variable "node_subnet_ids" {
  description = "Those of subnet_ids in which nodes run, where there is a zone without work; all where it is null."
  type        = list(string)
  default     = null
}

variable "node_security_group_ids" {
  description = "Security groups of nodes, beside the one that EKS makes for the cluster, by which a node may begin any connection."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the envelope encryption of Kubernetes secrets."
  type        = string
}

variable "volume_kms_key_arn" {
  description = "Key of the nodes' volumes, which the service-linked role of Auto Scaling may use; kms_key_arn where it is null."
  type        = string
  default     = null
}

variable "log_kms_key_arn" {
  description = "Key of the control plane's log group."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which the control plane's logs are kept."
  type        = number
  default     = 365
}

variable "endpoint_public_access" {
  description = "Whether the API can be reached from public_access_cidrs. From inside the VPC it always can."
  type        = bool
  default     = false
}

variable "public_access_cidrs" {
  description = "Addresses that may reach the public endpoint."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.public_access_cidrs : can(cidrhost(cidr, 0)) && tonumber(split("/", cidr)[1]) >= 8])
    error_message = "public_access_cidrs are networks of /8 or smaller: the API is not for the whole world."
  }
}

variable "admin_security_group_ids" {
  description = "Groups of operators' hosts and of runners, in this VPC or one that is peered with it: they reach the API's private endpoint (443)."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.admin_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "admin_security_group_ids are ids of security groups: sg-…."
  }
}

variable "support_type" {
  description = "STANDARD: AWS moves the cluster to the next version when standard support ends. EXTENDED: it stays, at a higher price."
  type        = string
  default     = "EXTENDED"

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.support_type)
    error_message = "support_type is STANDARD or EXTENDED."
  }
}

variable "access_entries" {
  description = "Who may use the cluster, by a name of your own: an IAM role (principal), one of EKS's policies (policy), and the namespaces that it holds in (scope; none: the whole cluster). Nobody else can, not even the cluster's creator."
  type = map(object({
    principal = string
    policy    = string
    scope     = optional(set(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for entry in var.access_entries : can(regex("^AmazonEKS[A-Za-z]+Policy$", entry.policy))])
    error_message = "A policy is one of EKS's own, by its name: AmazonEKSViewPolicy, AmazonEKSEditPolicy, AmazonEKSAdminPolicy, AmazonEKSClusterAdminPolicy …"
  }

  validation {
    condition     = alltrue([for entry in var.access_entries : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/", entry.principal))])
    error_message = "A principal is an IAM role's ARN: users have long-lived keys."
  }

  validation {
    condition     = length(distinct([for entry in var.access_entries : entry.principal])) == length(var.access_entries)
    error_message = "A principal has one entry: EKS takes no second one."
  }
}

variable "node_groups" {
  description = "Groups of nodes by name. `system` is there for what the cluster itself needs, and is tainted for others (CriticalAddonsOnly); SPOT ones are tainted (spot=true), so that only those run there who say that they bear it. Sizes are numbers of nodes, volumes are in GB. Nothing scales a group by itself: desired_size is how it begins, and who changes it later, by hand or by an autoscaler of his own, within min_size and max_size, is not undone."
  type = map(object({
    instance_types = list(string)
    capacity       = optional(string, "ON_DEMAND")
    ami_type       = optional(string, "AL2023_x86_64_STANDARD")
    min_size       = number
    desired_size   = number
    max_size       = number
    volume_size_gb = optional(number, 50)
    labels         = optional(map(string), {})
  }))
  default = {
    system    = { instance_types = ["m6i.large"], min_size = 2, desired_size = 2, max_size = 4 }
    on-demand = { instance_types = ["m6i.xlarge"], min_size = 3, desired_size = 3, max_size = 12 }
    spot      = { instance_types = ["m6i.xlarge", "m6a.xlarge", "m5.xlarge", "m5a.xlarge"], capacity = "SPOT", min_size = 0, desired_size = 0, max_size = 24 }
  }

  validation {
    condition     = try(var.node_groups["system"].capacity, "") == "ON_DEMAND" && try(var.node_groups["system"].min_size, 0) >= 1
    error_message = "There is a group `system`, ON_DEMAND, of one node at least: DNS and the drivers of volumes run there."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["ON_DEMAND", "SPOT"], group.capacity)])
    error_message = "A group's capacity is ON_DEMAND or SPOT."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.capacity != "SPOT" || length(group.instance_types) >= 3])
    error_message = "A spot group names three instance types at least: with one, a single pool that runs dry takes all nodes."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : startswith(group.ami_type, "AL2023_")])
    error_message = "An ami_type is one of Amazon Linux 2023: the root volume's name and the encryption depend on it."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.min_size <= group.desired_size && group.desired_size <= group.max_size])
    error_message = "A group's sizes are min_size <= desired_size <= max_size."
  }
}

variable "addon_versions" {
  description = "Versions of add-ons by name, where AWS's default for the Kubernetes version is not wanted."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.addon_versions) : contains(["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver"], name)])
    error_message = "addon_versions names vpc-cni, kube-proxy, eks-pod-identity-agent, coredns or aws-ebs-csi-driver."
  }
}

variable "pod_identities" {
  description = "Roles of service accounts by Pod Identity, by a name of your own. A role that is bound by IRSA to oidc_provider_arn needs no entry."
  type = map(object({
    namespace       = string
    service_account = string
    role_arn        = string
  }))
  default = {}
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
