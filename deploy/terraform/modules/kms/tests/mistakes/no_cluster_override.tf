# finds: EKS, which does not say what its grant is for, makes no cluster, or somebody else makes such grants
locals {
  others = {}
}
