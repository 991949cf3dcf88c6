# finds: an environment is deployed to from elsewhere than GitHub's environment of its name
locals {
  subjects = merge(
    {
      plan  = ["repo:${var.repository}:pull_request", "repo:${var.repository}:ref:refs/heads/main"]
      image = ["repo:${var.repository}:ref:refs/heads/main"]
    },
    { for name in var.environments : "deploy-${name}" => ["repo:${var.repository}:ref:refs/heads/main"] },
  )
}
