# finds: the Kubernetes API is open to other networks than the VPC's
resource "aws_eks_cluster" "this" {
  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = true
  }
}
