variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 32 small letters, digits or hyphens, and begin with a letter: bucket names are made with it."
  }
}

variable "cidr" {
  description = "The VPC's IPv4 addresses, from /16 to /20. Half of them stay free for tiers that come later."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && can(regex("/(16|17|18|19|20)$", var.cidr))
    error_message = "cidr must be an IPv4 block from /16 (the largest VPC) to /20 (the database subnets would be smaller than AWS's /28 below it)."
  }
}

variable "zones" {
  description = "Names of the one to three availability zones in which there is work, such as `us-east-1a`. A zone is only ever added at the end: subnets have their addresses by its place."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 1 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must name one to three availability zones, each once."
  }
}

variable "standby_zones" {
  description = "Zones with subnets alone, without NAT gateway or endpoints: EKS, RDS and load balancers ask for subnets in two zones even where all work is in one."
  type        = list(string)
  default     = []
}

variable "nat" {
  description = "NAT gateways: `zone` (one in each of `zones`), `one` (in the first; an outage of that zone cuts the others off), or `none`."
  type        = string
  default     = "zone"

  validation {
    condition     = contains(["zone", "one", "none"], var.nat)
    error_message = "nat must be `zone`, `one` or `none`."
  }
}

variable "interface_endpoints" {
  description = "AWS services that are reached without the internet, by their short names. With `nat = \"none\"` those that nodes need to join a cluster come on top."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sqs", "sts"]
}

variable "flow_logs_bucket_arn" {
  description = "ARN of the bucket that takes flow logs, below `AWSLogs/ACCOUNT/vpcflowlogs/`."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::[^/]+$", var.flow_logs_bucket_arn))
    error_message = "flow_logs_bucket_arn must be a bucket's ARN without a path: arn:aws:s3:::name."
  }
}

variable "flow_logs_interval_seconds" {
  description = "How long packets are gathered into one record: 60, or 600 for a tenth of the records. SLOs over flow logs see nothing shorter."
  type        = number
  default     = 60

  validation {
    condition     = contains([60, 600], var.flow_logs_interval_seconds)
    error_message = "flow_logs_interval_seconds must be 60 or 600: AWS knows no other."
  }
}
