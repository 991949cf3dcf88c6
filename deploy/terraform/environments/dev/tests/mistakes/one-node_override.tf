# finds: both colours do not fit
module "estate" {
  eks = {
    node_groups = {
      system    = { instance_types = ["t3.large"], min_size = 1, desired_size = 1, max_size = 2 }
      on-demand = { instance_types = ["t3.large"], min_size = 0, desired_size = 3, max_size = 4 }
    }
  }
}
