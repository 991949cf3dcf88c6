# finds: a key can be used by anybody
locals {
  account = { AWS = "*" }
}
