# finds: audit records or logs are kept for less than was promised, or can be deleted before
module "estate" {
  retention = { audit = 365 }
}
