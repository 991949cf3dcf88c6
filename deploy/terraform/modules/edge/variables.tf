variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string
}

variable "domain" {
  description = "Name under which clients reach Tidewatch, such as `telemetry.example.org`. CloudFront answers for it; `origin.DOMAIN` is the load balancer."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name in small letters, without https:// and without a dot at its end."
  }
}

variable "zone_id" {
  description = "Route 53's public zone in which domain lies."
  type        = string
}

variable "role" {
  description = "`single` where one region is the origin, else `primary` or `secondary`: Route 53 gives the secondary's address while the primary has no healthy target."
  type        = string
  default     = "single"

  validation {
    condition     = contains(["single", "primary", "secondary"], var.role)
    error_message = "role must be `single`, `primary` or `secondary`."
  }

  validation {
    condition     = var.role == "single" || var.public
    error_message = "An internal load balancer has no name that Route 53 could fail over to: take public = true with the roles primary and secondary."
  }
}

variable "public" {
  description = "Whether the load balancer has public addresses, which CloudFront's prefix list alone can reach, or is internal, reached by a VPC origin. Anybody's distribution is in that prefix list: origin_header then tells ours."
  type        = bool
  default     = false
}

variable "origin_header" {
  description = "Header that our distribution sends and without which the load balancer answers 403. Its value lies in the state, as neither side takes it otherwise: give it to public load balancers, where it is needed, and change it once a year."
  type        = object({ name = optional(string, "X-Origin-Verify"), value = string })
  default     = null
  sensitive   = true

  validation {
    condition     = var.origin_header == null || length(try(var.origin_header.value, "")) >= 32
    error_message = "origin_header.value must have 32 characters at least: somebody could guess it."
  }

  validation {
    condition     = !var.public || var.origin_header != null
    error_message = "A public load balancer needs origin_header: without it every CloudFront distribution of the world could pass the firewall by."
  }
}

variable "tls13_only" {
  description = "Whether clients that speak TLS 1.2 are answered with 403, but at gateway's health_path. CloudFront's own policy can't say so with this provider, so the load balancer looks at what CloudFront negotiated."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "The VPC of the targets."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets for a public load balancer, private ones for an internal one, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A load balancer wants subnets in two zones at least."
  }
}

variable "security_group_ids" {
  description = "Security groups of the load balancer: 443 from CloudFront's prefix list alone."
  type        = list(string)
}

variable "access_logs" {
  description = "Bucket of access logs, without a KMS key, which the service can't use, and the folder that the bucket's policy lets it write."
  type        = object({ bucket = string, prefix = string })
}

variable "targets" {
  description = "What is behind it, by a short name: the port and protocol of pods or tasks, the path that says that they are healthy, and the paths that go there. `gateway` is the one for all others."
  type = map(object({
    port        = number
    protocol    = optional(string, "HTTPS")
    health_path = optional(string, "/healthz")
    paths       = optional(list(string), [])
    priority    = optional(number, 100)
  }))
  default = { gateway = { port = 8443 } }

  validation {
    condition     = contains(keys(var.targets), "gateway") && alltrue([for name, target in var.targets : (name == "gateway") == (length(target.paths) == 0)])
    error_message = "targets has `gateway`, which takes all paths and names none; each other names its paths."
  }

  validation {
    condition     = length(distinct([for target in var.targets : target.priority])) == length(var.targets) && alltrue([for target in var.targets : target.priority >= 2]) && alltrue([for target in var.targets : target.priority <= var.targets["gateway"].priority])
    error_message = "Each target has a priority of its own, from 2 on (1 is the health check's), and gateway the highest number: it would take the others' paths."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
}

variable "alarm_topic_arns" {
  description = "Topics that hear when no target is healthy."
  type        = list(string)
  default     = []
}
