# finds: or from another branch than main
locals {
  branches = { for role, subjects in local.subjects : role => {} }
}
