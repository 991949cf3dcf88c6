# finds: a service may use a key for another account's resources
locals {
  others = {
    logs = [{
      Sid       = "FlowLogs"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
      Resource  = "*"
    }]
  }
}
