locals {
  # The port that is "production", and the one on which green is seen before.
  listeners = { production = 8080, test = 8081 }
}

# Of the kind that only passes connections on: nobody calls but its own health checks, for which no certificate is needed. Its group lets
# nobody in.
resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:this kind logs TLS listeners alone, and has none
  #checkov:skip=CKV2_AWS_20:there is no HTTP that could be redirected: these are TCP listeners that nobody reaches
  name                             = "${var.name}-ecs"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = var.subnet_ids
  security_groups                  = var.load_balancer_security_group_ids
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
}

resource "aws_lb_target_group" "this" {
  for_each = toset(["blue", "green"])

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = local.health_port
  protocol    = "TCP"
  # There are no connections to wait for; the drain is in SIGTERM.
  deregistration_delay = 0

  # /healthz, not /readyz: a member is not ready while no broker answers, and ECS would end all of them for it, one after another.
  health_check {
    protocol            = "HTTP"
    port                = local.health_port
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 3
    unhealthy_threshold = 6
  }
}

resource "aws_lb_listener" "this" {
  for_each = local.listeners

  load_balancer_arn = aws_lb.this.arn
  port              = each.value
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["blue"].arn
  }

  lifecycle {
    # A deployment moves them to the other colour.
    ignore_changes = [default_action]
  }
}

resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each = aws_lb_target_group.this

  alarm_name          = "${var.name}-ecs-unhealthy-${each.key}"
  alarm_description   = "A task of the ${each.key} colour has not answered /healthz for three minutes. During a deployment this goes back."
  namespace           = "AWS/NetworkELB"
  metric_name         = "UnHealthyHostCount"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  # The colour that does not run has no tasks, and says nothing.
  treat_missing_data = "notBreaching"

  dimensions = {
    LoadBalancer = aws_lb.this.arn_suffix
    TargetGroup  = each.value.arn_suffix
  }
}

resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name              = aws_codedeploy_app.this.name
  deployment_group_name = "tidewatch"
  service_role_arn      = aws_iam_role.this["deploy"].arn
  # In one step: there is no traffic of which a part could go first.
  deployment_config_name = "CodeDeployDefault.ECSAllAtOnce"

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.watch_minutes
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
  }

  alarm_configuration {
    enabled = true
    alarms  = setunion(var.rollback_alarm_names, [for alarm in aws_cloudwatch_metric_alarm.unhealthy : alarm.alarm_name])
    # An alarm that can't be asked stops the deployment as well.
    ignore_poll_alarm_failure = false
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.this.name
    service_name = aws_ecs_service.this.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.this["production"].arn]
      }

      test_traffic_route {
        listener_arns = [aws_lb_listener.this["test"].arn]
      }

      target_group {
        name = aws_lb_target_group.this["blue"].name
      }

      target_group {
        name = aws_lb_target_group.this["green"].name
      }
    }
  }
}
