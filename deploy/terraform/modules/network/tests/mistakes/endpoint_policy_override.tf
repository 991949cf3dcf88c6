# finds: another account's credentials may write to S3 through the gateway endpoint
locals {
  of_this_account = { Sid = "All", Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }
}
