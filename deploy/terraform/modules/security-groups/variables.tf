variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the groups."
  type        = string
}

variable "vpc_cidr" {
  description = "Its addresses: where the interface endpoints of AWS services are, to which nodes may speak where `internet` is false."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && var.vpc_cidr != "0.0.0.0/0"
    error_message = "vpc_cidr must be the VPC's IPv4 block, not the whole internet."
  }
}

variable "alb_target_ports" {
  description = "Ports of pods and tasks that the load balancer forwards to or asks for health."
  type        = set(number)
  default     = [8080]

  validation {
    condition     = alltrue([for port in var.alb_target_ports : port >= 1 && port <= 65535])
    error_message = "alb_target_ports must be from 1 to 65535: 0 would open all."
  }
}

variable "msk_plaintext" {
  description = "Whether 9092, Kafka without encryption, is open to nodes. For the days of a migration alone: the msk module's brokers don't listen there."
  type        = bool
  default     = false
}

variable "internet" {
  description = "Whether nodes may call the internet by TLS: PagerDuty and other sinks, AWS services without an endpoint. False for a network without NAT."
  type        = bool
  default     = true
}

variable "admin_security_group_ids" {
  description = "Groups of operators' hosts and of runners, in this VPC or one that is peered with it: they reach the brokers by SCRAM and by IAM (9096, 9098)."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.admin_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "admin_security_group_ids are ids of security groups: sg-…."
  }
}
