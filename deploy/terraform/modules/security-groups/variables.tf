variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the groups."
  type        = string
}

variable "vpc_cidr" {
  description = "Its addresses, for kubelet and load balancer health checks that have no group of their own."
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
}

variable "msk_plaintext" {
  description = "Whether 9092, Kafka without encryption, is open to nodes. For the days of a migration alone: the msk module's brokers don't listen there."
  type        = bool
  default     = false
}
