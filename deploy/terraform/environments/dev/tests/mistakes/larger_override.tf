# finds: dev has nodes of another family than t3
module "estate" {
  eks = {
    node_groups = {
      system = { instance_types = ["m7i.large"], min_size = 1, desired_size = 1, max_size = 1 }
    }
  }
}
