# finds: pods that do not say that they bear it run on spot nodes
locals {
  taints = { for name, group in var.node_groups : name => name == "system" ? { CriticalAddonsOnly = "true" } : {} }
}
