# What each key's policy allows. The account's IAM policies say who administers a key and who uses it; the key itself says by which services
# it is used at all: nobody decrypts by calling KMS, and the key of audit records opens nothing that is not in S3. `Resource` is the key.

locals {
  account_id = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.name
  suffix     = data.aws_partition.this.dns_suffix
  account    = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
  trail_arn  = "arn:${local.partition}:cloudtrail:*:${coalesce(var.trail_account_id, local.account_id)}:trail/*"

  encrypting = ["kms:GenerateDataKey*", "kms:Decrypt"]

  services = {
    data    = ["*"]
    logs    = ["s3", "logs", "firehose", "sqs"]
    audit   = ["s3"]
    secrets = ["secretsmanager", "eks", "elasticache", "kafka", "rds"]
  }

  statements = {
    for purpose in keys(local.purposes) : purpose => concat([
      {
        Sid       = "AdministeredByIAM"
        Effect    = "Allow"
        Principal = local.account
        Action = [
          "kms:DescribeKey", "kms:Get*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Enable*", "kms:Disable*", "kms:TagResource", "kms:UntagResource",
          "kms:CreateAlias", "kms:DeleteAlias", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ReplicateKey", "kms:ScheduleKeyDeletion",
          "kms:CancelKeyDeletion",
        ]
        Resource = "*"
      },
      {
        Sid       = "UsedByIAMThroughServices"
        Effect    = "Allow"
        Principal = local.account
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = [for service in local.services[purpose] : "${service}.${local.region}.${local.suffix}"] } }
      },
      {
        Sid       = "GrantedToServices"
        Effect    = "Allow"
        Principal = local.account
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ], lookup(local.others, purpose, []))
  }

  # Services that use a key in their own name, each for this account's resources alone; and EKS's clusters.
  others = {
    secrets = [
      {
        # EKS asks for its grant without saying that it is for a resource of AWS's: under GrantedToServices it would make no cluster.
        Sid       = "GrantedToClusters"
        Effect    = "Allow"
        Principal = local.account
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "eks.${local.region}.${local.suffix}" } }
      },
    ]
    logs = [
      {
        Sid       = "CloudWatchLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.${local.suffix}" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:*" } }
      },
      {
        Sid       = "FlowLogs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = concat(local.encrypting, ["kms:DescribeKey"])
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:*" }
        }
      },
      {
        Sid       = "AnnouncementsOfObjects"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = local.encrypting
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
      {
        Sid       = "Config"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = local.encrypting
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
    ]
    # It encrypts what it delivers and opens nothing: who reads the archive does so by S3.
    audit = [
      {
        Sid       = "CloudTrail"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          ArnLike    = { "aws:SourceArn" = local.trail_arn }
          StringLike = { "kms:EncryptionContext:aws:cloudtrail:arn" = local.trail_arn }
        }
      },
      {
        Sid       = "CloudTrailLooksAtTheKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { ArnLike = { "aws:SourceArn" = local.trail_arn } }
      },
    ]
    data = [
      {
        Sid       = "Messages"
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = local.encrypting
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
      {
        # EventBridge names no source account when it writes to an encrypted topic or queue, whose own policies name the rule.
        Sid       = "MessagesOfEventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = local.encrypting
        Resource  = "*"
      },
      {
        # A role of AWS's that no IAM policy of ours reaches, and that is not there before the first group of nodes: a principal that doesn't
        # exist would be refused, a condition isn't.
        Sid       = "VolumesOfNodes"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = local.auto_scaling
      },
      {
        Sid       = "VolumesOfNodesAttached"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = merge(local.auto_scaling, { Bool = { "kms:GrantIsForAWSResource" = "true" } })
      },
    ]
  }

  auto_scaling = {
    StringEquals = { "kms:CallerAccount" = local.account_id }
    ArnEquals    = { "aws:PrincipalArn" = "arn:${local.partition}:iam::${local.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }
  }
}
