# finds: other secrets than the consumer's can be read
locals {
  secret_arns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:*"]
}
