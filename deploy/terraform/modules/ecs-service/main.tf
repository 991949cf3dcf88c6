# The consumer on Fargate, for estates without EKS.
#
# What blue and green mean for a member of a Kafka group. Nobody calls the consumer: it asks brokers for records. Both colours are
# members of one group (`kafka.groupID`), so green takes partitions from blue, counts and pages, from its first minute on, and no
# listener decides who works. The listeners are there because CodeDeploy knows "up" and "shifted" by target groups alone. What blue/green
# gives all the same:
#
#  - green is started beside blue, and blue is whole until green's tasks answer /healthz;
#  - for watch_minutes both run, and an alarm (lag, heartbeat, unhealthy tasks) stops green, which publishes and commits on SIGTERM;
#    what it leaves, blue takes over, from the registers: no record is lost or counted twice, whoever ends how (docs/accounting.md);
#  - so it is a fast way back and no trial apart: a fault in how green counts is in the windows. To try a release apart, give it another
#    outputs.prefix and kafka.groupID.
#
# Two releases may run beside each other as docs/operations.md says ("Version 2 of the records"). A setting that members must share, such
# as the key of authentication codes, is rolled in the order that docs/trust.md gives, in deployments one after another.
#
# Terraform makes the first task definition; a deployment registers others from it and gives them to CodeDeploy (output `appspec`).
resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE"]
}

resource "aws_ecs_service" "this" {
  name            = "tidewatch"
  cluster         = aws_ecs_cluster.this.arn
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"
  desired_count   = var.tasks.min
  # A task that restores history for minutes answers /healthz all the while; this is for the pull of the image.
  health_check_grace_period_seconds = 120
  enable_execute_command            = false
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true

  # ECS' own circuit breaker is refused with this controller: CodeDeploy goes back itself.
  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.security_group_ids
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this["blue"].arn
    container_name   = "tidewatch"
    container_port   = local.health_port
  }

  lifecycle {
    # Deployments and autoscaling change these.
    ignore_changes = [task_definition, load_balancer, desired_count]
  }

  depends_on = [aws_lb_listener.this, aws_iam_role_policy.execution]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/ecs/${var.name}/tidewatch"
  kms_key_id        = var.log_kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.tasks.min
  max_capacity       = var.tasks.max
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.tasks.cpu_percent
    # Each change is a rebalance of the group: up soon, down seldom.
    scale_out_cooldown = 120
    scale_in_cooldown  = 900

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
