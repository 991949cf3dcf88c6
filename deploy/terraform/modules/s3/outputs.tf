output "bucket_arns" {
  description = "By purpose: `documents`, `exports`, `logs`, `audit`, and `access` for access logs of load balancers and buckets, which AWS delivers to no bucket with a KMS key."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.arn }

  # What delivers into a bucket is refused until its policy is there.
  depends_on = [aws_s3_bucket_policy.this]
}

output "bucket_names" {
  description = "By purpose."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.id }
  depends_on  = [aws_s3_bucket_policy.this]
}

output "bucket_domain_names" {
  description = "Regional domain names by purpose."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.bucket_regional_domain_name }
}

output "delivery_prefixes" {
  description = "Folders in which services may write, by service, without a slash at the end: `config` and `kafka` in `logs`; `load_balancer` and `s3` in `access`. Flow logs write below `AWSLogs/` of `logs` itself, CloudTrail below that of `audit`, Firehose by its own role, where that may."
  value       = local.delivery_prefixes
}

output "replication_role_arn" {
  description = "The role that copies to the second region; null without a replica. The buckets there need no policy for it in the same account."
  value       = one(aws_iam_role.replication[*].arn)
}
