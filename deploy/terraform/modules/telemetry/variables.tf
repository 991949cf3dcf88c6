variable "name" {
  description = "Prefix of all names, such as tidewatch-prod."
  type        = string
}

variable "organization_id" {
  description = "Id of the AWS organisation, o-…: its trail then has the events of all accounts, and the module runs in the management account or the one that administers CloudTrail for it. The first owns the trail in either case: policies of bucket and key name it. Null makes a trail of this account alone."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id is o- and 10 to 32 letters and digits."
  }
}

variable "logs_bucket_name" {
  description = "Bucket that takes what Firehose delivers, and flow logs."
  type        = string
}

variable "logs_bucket_arn" {
  description = "ARN of that bucket."
  type        = string
}

variable "logs_key_arn" {
  description = "KMS key of that bucket, the stream and the queues. Its policy lets S3 (for the queue), CloudWatch Logs and the roles of the account use it."
  type        = string
}

variable "archive" {
  description = "Bucket that takes the trail, which locks what is written to it (Object Lock), and its key: `audit` of the modules s3 and kms. The policies of both let CloudTrail write."
  type        = object({ bucket_name = string, bucket_arn = string, key_arn = string })
}

variable "trail" {
  description = "CloudTrail. insights: kinds of insight to buy. data_event_bucket_arns: buckets whose reads and writes of objects are recorded too, which costs by the event; never the archive, of which archive_reads records reads alone."
  type = object({
    enabled                = optional(bool, true)
    insights               = optional(set(string), [])
    data_event_bucket_arns = optional(set(string), [])
    archive_reads          = optional(bool, false)
  })
  default = {}

  validation {
    condition     = alltrue([for kind in var.trail.insights : contains(["ApiCallRateInsight", "ApiErrorRateInsight"], kind)])
    error_message = "trail.insights takes ApiCallRateInsight and ApiErrorRateInsight."
  }

  validation {
    condition     = !contains(var.trail.data_event_bucket_arns, var.archive.bucket_arn)
    error_message = "Data events of the archive would record the delivery of the trail itself, without end: leave it out of trail.data_event_bucket_arns, and set archive_reads."
  }
}

variable "delivery" {
  description = "Where Firehose delivers metrics. kind: s3, the logs bucket, or http, Tidewatch's gateway; what the gateway has not taken within retry_seconds goes to the bucket below failed/. http.secret_arn: secret of Secrets Manager, {\"api_key\": \"…\"}, so that the access key is in no state, which Firehose sends as X-Amz-Firehose-Access-Key; http.secret_key_arn: KMS key of that secret. Buffers in MiB and seconds."
  type = object({
    kind              = optional(string, "s3")
    prefix            = optional(string, "metric-streams/")
    buffering_mib     = optional(number, 64)
    buffering_seconds = optional(number, 60)
    http = optional(object({
      url            = string
      secret_arn     = string
      secret_key_arn = string
      retry_seconds  = optional(number, 300)
    }))
  })
  default = {}

  validation {
    condition     = contains(["s3", "http"], var.delivery.kind)
    error_message = "delivery.kind is s3 or http."
  }

  validation {
    condition     = (var.delivery.kind == "http") == (var.delivery.http != null)
    error_message = "delivery.http is given with delivery.kind = \"http\", and only then."
  }

  validation {
    condition     = try(startswith(var.delivery.http.url, "https://"), true)
    error_message = "delivery.http.url begins with https://: Firehose sends to no other."
  }
}

variable "metric_stream" {
  description = "CloudWatch metric stream. namespaces: which are sent, each with the names of its metrics, none of which means all. statistics: further ones, such as p99 or TC(:0.5), of [{namespace, metric}]. output_format: json or opentelemetry1.0; Tidewatch reads both, and json alone holds trimmed statistics."
  type = object({
    enabled       = optional(bool, true)
    output_format = optional(string, "json")
    namespaces = optional(map(set(string)), {
      "AWS/ApplicationELB" = []
      "AWS/ApiGateway"     = []
      "AWS/Lambda"         = []
      "AWS/RDS"            = []
      "AWS/ElastiCache"    = []
      "AWS/Kafka"          = []
      "AWS/SQS"            = []
      # What recovery's objectives are measured by: canaries, and how far copies are behind.
      "CloudWatchSynthetics" = ["SuccessPercent"]
      "AWS/S3"               = ["ReplicationLatency", "OperationsPendingReplication"]
    })
    statistics = optional(list(object({
      additional = set(string)
      metrics    = list(object({ namespace = string, metric = string }))
      })), [
      {
        additional = ["p50", "p90", "p95", "p99"]
        metrics    = [{ namespace = "AWS/ApplicationELB", metric = "TargetResponseTime" }]
      }
    ])
    linked_accounts = optional(bool, false)
  })
  default = {}

  validation {
    condition     = contains(["json", "opentelemetry1.0"], var.metric_stream.output_format)
    error_message = "metric_stream.output_format is json or opentelemetry1.0: Tidewatch does not read opentelemetry0.7."
  }

  validation {
    condition = var.metric_stream.output_format == "json" || alltrue(flatten([
      for item in var.metric_stream.statistics : [for statistic in item.additional : can(regex("^p[0-9.]+$", statistic))]
    ]))
    error_message = "opentelemetry1.0 holds percentiles alone: take metric_stream.output_format = \"json\" for other statistics."
  }

  validation {
    condition     = !var.metric_stream.enabled || length(var.metric_stream.namespaces) > 0
    error_message = "metric_stream.namespaces is empty, which would send, and bill, every metric of the account: name those that an SLO or a rollup reads."
  }
}

variable "notifications" {
  description = "Queue of what is written to the logs bucket and to the archive. prefixes: of the logs bucket; none may begin with another. receives_max: how often a message is handed out before it is a dead letter. Retention in seconds."
  type = object({
    prefixes                   = optional(set(string), ["AWSLogs/", "metric-streams/"])
    suffix                     = optional(string, ".gz")
    receives_max               = optional(number, 5)
    visibility_timeout_seconds = optional(number, 300)
    retention_seconds          = optional(number, 864000)
  })
  default = {}

  validation {
    condition = length(flatten([
      for prefix in var.notifications.prefixes : [
        for other in var.notifications.prefixes : other if other != prefix && startswith(other, prefix)
      ]
    ])) == 0
    error_message = "notifications.prefixes: one begins with another, which S3 refuses, as an object would be announced twice."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds each role that is made here (permissions boundary): what a deploy role of `bootstrap` makes must have its `tidewatch-ci-boundary`. None by default."
  type        = string
  default     = null
}
