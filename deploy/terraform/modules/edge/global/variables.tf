variable "name" {
  description = "Prefix of all names, such as `tidewatch-prod`."
  type        = string
}

variable "domain" {
  description = "Name under which clients reach Tidewatch, as in the module edge."
  type        = string
}

variable "zone_id" {
  description = "Route 53's public zone in which domain lies."
  type        = string
}

variable "origin" {
  description = "Output of the module edge of the same name."
  type = object({
    domain                     = string
    internal_load_balancer_arn = optional(string)
  })
}

variable "origin_header" {
  description = "As in the module edge."
  type        = object({ name = optional(string, "X-Origin-Verify"), value = string })
  default     = null
  sensitive   = true
}

variable "log_kms_key_arn" {
  description = "Key of the log groups, in us-east-1, which CloudWatch Logs may use."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which requests and the firewall's decisions are kept."
  type        = number
  default     = 365
}

variable "requests_per_5_minutes_max" {
  description = "Requests from one address in five minutes, beyond which it is refused: 100 to 2,000,000,000. Firehose sends from few addresses, once for each buffer."
  type        = number
  default     = 10000

  validation {
    condition     = var.requests_per_5_minutes_max >= 100
    error_message = "requests_per_5_minutes_max must be 100 at least: AWS WAF takes no less."
  }
}

variable "allowed_countries" {
  description = "Countries (ISO 3166-1, two letters) from which requests are taken; none: all."
  type        = set(string)
  default     = []
}

variable "price_class" {
  description = "From where CloudFront answers: `PriceClass_100` (North America, Europe), `PriceClass_200` or `PriceClass_All`."
  type        = string
  default     = "PriceClass_100"
}
