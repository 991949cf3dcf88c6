# finds: a deployment that fails, or that an alarm stops, is not taken back
resource "aws_codedeploy_deployment_group" "this" {
  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE"]
  }
}
