# finds: copies of audit records are kept for less than they are, or can be deleted before
module "estate" {
  retention = { object_lock_mode = "GOVERNANCE" }
}
