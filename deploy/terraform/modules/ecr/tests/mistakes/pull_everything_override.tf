# finds: who pulls images may do more than pull
locals {
  pulling = ["ecr:*"]
}
