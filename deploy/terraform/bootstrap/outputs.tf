output "state_bucket" {
  description = "What each environment is initialised with; scripts/terraform knows it by account and region."
  value       = aws_s3_bucket.state.id
}

output "backend" {
  description = "This folder's own backend.tf."
  value       = <<-EOT
    terraform {
      backend "s3" {
        bucket       = "${local.bucket}"
        key          = "bootstrap/terraform.tfstate"
        region       = "${var.region}"
        use_lockfile = true
      }
    }
  EOT
}

output "plan_role_arn" {
  description = "For the workflow of pull requests: variable AWS_PLAN_ROLE of the repository."
  value       = aws_iam_role.plan.arn
}

output "image_role_arn" {
  description = "For the workflow of the main branch: variable AWS_IMAGE_ROLE of the repository."
  value       = aws_iam_role.image.arn
}

output "deploy_role_arns" {
  description = "By environment, for GitHub's environments: variable AWS_DEPLOY_ROLE of each."
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}
