# finds: a service may deliver for another account
locals {
  of_this_account  = {}
  from_vended_logs = { "aws:SourceArn" = "arn:aws:logs:us-east-1:*:*" }
}
