output "cluster_name" {
  value = aws_ecs_cluster.this.name
}

output "service_name" {
  value = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "The one that Terraform made last, from which a deployment takes all but the image."
  value       = aws_ecs_task_definition.this.arn
}

output "deployment" {
  description = "Names for `aws deploy create-deployment`."
  value       = { application = aws_codedeploy_app.this.name, group = aws_codedeploy_deployment_group.this.deployment_group_name }
}

output "appspec" {
  description = "Content of a deployment of that task definition, for its `--revision`; put another's ARN in the place of TaskDefinition."
  value = jsonencode({
    version = 0
    Resources = [{
      TargetService = {
        Type = "AWS::ECS::Service"
        Properties = {
          TaskDefinition   = aws_ecs_task_definition.this.arn
          LoadBalancerInfo = { ContainerName = "tidewatch", ContainerPort = local.health_port }
        }
      }
    }]
  })
}

output "role_arns" {
  description = "By part: task, execution, deploy."
  value       = { for part, role in aws_iam_role.this : part => role.arn }
}

output "log_group_name" {
  value = aws_cloudwatch_log_group.this.name
}

output "alarm_names" {
  description = "Alarms of unhealthy tasks, by colour."
  value       = { for colour, alarm in aws_cloudwatch_metric_alarm.unhealthy : colour => alarm.alarm_name }
}
