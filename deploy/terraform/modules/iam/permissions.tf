# What each role may do.

locals {
  descriptions = {
    consumer         = "Tidewatch: reads telemetry, writes its own topics"
    gateway          = "Tidewatch's gateway: takes telemetry by HTTP, writes the inputs"
    s3-reader        = "Tidewatch's S3 reader: takes what AWS delivers, writes the inputs"
    reporter         = "Reads windows and alerts, keeps reports in the exports bucket"
    auditor          = "People who read the archive of audit records"
    external-secrets = "External Secrets: reads this environment's secrets"
    load-balancer    = "Load balancer controller: puts pods into target groups that are there"
  }

  permissions = {
    consumer  = local.kafka_consumer
    gateway   = local.kafka_telemetry
    s3-reader = concat(local.kafka_telemetry, local.delivered_objects)
    reporter  = concat(local.kafka_reader, local.reports)
    auditor   = local.archive
    external-secrets = [
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        Resource = concat(["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${var.name}/*"], var.secret_arns)
      },
      merge(local.decrypting, { Resource = var.kms_key_arns.secrets, Condition = local.through["secretsmanager"] }),
    ]
    load-balancer = [
      {
        Sid      = "PodsOfTargetGroups"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]
        Resource = var.target_group_arns
      },
      {
        # None of these can be limited to a resource.
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        ]
        Resource = "*"
      },
    ]
  }

  through    = { for service in ["s3", "sqs", "secretsmanager"] : service => { StringEquals = { "kms:ViaService" = "${service}.${local.region}.${data.aws_partition.this.dns_suffix}" } } }
  decrypting = { Sid = "Decrypt", Effect = "Allow", Action = "kms:Decrypt" }

  # Of the archive CloudTrail's files alone. Lists, so that an object that is gone is said to be gone, instead of forbidden.
  delivered_objects = concat(
    [
      {
        Sid      = "DeliveredObjects"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${var.bucket_arns.logs}/*", "${var.bucket_arns.audit}/AWSLogs/*"]
      },
      {
        Sid      = "DeliveredObjectsList"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = [var.bucket_arns.logs, var.bucket_arns.audit]
      },
      {
        Sid       = "Decrypt"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = [var.kms_key_arns.logs, var.kms_key_arns.audit]
        Condition = { StringEquals = { "kms:ViaService" = [for service in ["s3", "sqs"] : local.through[service].StringEquals["kms:ViaService"]] } }
      },
    ],
    length(var.queue_arns) == 0 ? [] : [{
      Sid      = "Announcements"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      Resource = var.queue_arns
    }],
  )

  reports = [
    {
      Sid      = "Reports"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${var.bucket_arns.exports}/reports/*"
    },
    {
      Sid       = "ReportsKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.kms_key_arns.data
      Condition = local.through["s3"]
    },
  ]

  # Reads, and sees that nobody could have changed what is read, by its lock and by CloudTrail's signatures (deploy/runbooks/audit-request.md).
  archive = [
    {
      Sid      = "Archive"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"]
      Resource = var.bucket_arns.audit
    },
    {
      Sid      = "ArchivedRecords"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention", "s3:GetObjectLegalHold"]
      Resource = "${var.bucket_arns.audit}/*"
    },
    {
      # What is older than a year lies in DEEP_ARCHIVE: a copy beside it, for days, is all that this makes.
      Sid      = "ArchivedRecordsFromTheDeep"
      Effect   = "Allow"
      Action   = "s3:RestoreObject"
      Resource = "${var.bucket_arns.audit}/*"
    },
    merge(local.decrypting, { Resource = var.kms_key_arns.audit, Condition = local.through["s3"] }),
    {
      # None of these can be limited to a resource. The organisation's id is in the paths of its trail.
      Sid      = "TrailsAndTheirKeys"
      Effect   = "Allow"
      Action   = ["cloudtrail:DescribeTrails", "cloudtrail:ListPublicKeys", "organizations:DescribeOrganization"]
      Resource = "*"
    },
  ]
}
