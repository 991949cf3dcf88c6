mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/mock/0123456789abcdef" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mock/0123456789abcdef" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/mock/0123456789abcdef/0123456789abcdef" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:us-east-1:123456789012:cluster/tidewatch-test" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/tidewatch-test-tidewatch:1" }
  }
}

variables {
  name                             = "tidewatch-test"
  image                            = "123456789012.dkr.ecr.us-east-1.amazonaws.com/tidewatch-test/tidewatch@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  vpc_id                           = "vpc-0123456789abcdef0"
  subnet_ids                       = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids               = ["sg-0123456789abcdef0"]
  load_balancer_security_group_ids = ["sg-0123456789abcdef1"]
  repository_arns                  = ["arn:aws:ecr:us-east-1:123456789012:repository/tidewatch-test/tidewatch"]
  secrets_key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  log_kms_key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  rollback_alarm_names             = ["tidewatch-test-lag"]
  environment                      = { KAFKA_BOOTSTRAP_SERVERS = "b-1.example.org:9096" }
  files = {
    "settings.yaml"           = "apiVersion: tidewatch/v1\n"
    "resources/checkout.yaml" = "kind: SLO\n"
  }
  secrets = {
    password    = "arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_tidewatch-test-AbCdEf:password::"
    routing-key = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test/pagerduty-AbCdEf"
  }
}

run "task" {
  command = plan

  assert {
    condition     = alltrue([for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.readonlyRootFilesystem && container.linuxParameters.capabilities.drop == ["ALL"]])
    error_message = "a container may write to its image, or has capabilities"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].user == "65532:65532"
    error_message = "the consumer runs as root"
  }
  assert {
    condition     = !can(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].secrets) && [for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[1].environment : variable.name] == ["KAFKA_BOOTSTRAP_SERVERS"]
    error_message = "secrets are in the consumer's environment"
  }
  assert {
    condition     = tolist([for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : secret.valueFrom]) == values(var.secrets)
    error_message = "a secret doesn't come from Secrets Manager"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].mountPoints[0].readOnly && jsondecode(aws_ecs_task_definition.this.container_definitions)[1].dependsOn == [{ containerName = "configuration", condition = "SUCCESS" }]
    error_message = "the consumer begins without its configuration, or may change it"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].stopTimeout == 120
    error_message = "a drain has less time than Fargate gives"
  }
  assert {
    condition     = [for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.value] == [base64gzip("kind: SLO\n"), base64gzip("apiVersion: tidewatch/v1\n")]
    error_message = "a file of the configuration is missing, or is another's"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "logs are not encrypted with the key of logs, or are not kept for a year"
  }
}

run "service" {
  command = plan

  assert {
    condition     = !one(aws_ecs_service.this.network_configuration).assign_public_ip && !aws_ecs_service.this.enable_execute_command
    error_message = "tasks have public addresses, or a shell for whoever may call ECS"
  }
  assert {
    condition     = one(aws_ecs_service.this.deployment_controller).type == "CODE_DEPLOY" && length(aws_ecs_service.this.deployment_circuit_breaker) == 0
    error_message = "deployments are not CodeDeploy's"
  }
  assert {
    condition     = one(aws_ecs_cluster.this.setting).value == "enhanced"
    error_message = "container insights are off"
  }
  assert {
    condition     = aws_lb.this.internal && aws_lb.this.security_groups == toset(var.load_balancer_security_group_ids) && aws_lb.this.enable_deletion_protection
    error_message = "the health port can be reached from outside"
  }
  assert {
    condition     = alltrue([for group in aws_lb_target_group.this : one(group.health_check).path == "/healthz" && group.port == 8080])
    error_message = "a task is ended because no broker answers"
  }
  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 12
    error_message = "one task alone counts, or there is no bound"
  }
}

run "deployment" {
  command = plan

  assert {
    condition     = one(aws_codedeploy_deployment_group.this.auto_rollback_configuration).enabled && one(aws_codedeploy_deployment_group.this.auto_rollback_configuration).events == toset(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"])
    error_message = "a deployment that fails, or that an alarm stops, is not taken back"
  }
  assert {
    condition     = one(aws_codedeploy_deployment_group.this.alarm_configuration).alarms == toset(["tidewatch-test-lag", "tidewatch-test-ecs-unhealthy-blue", "tidewatch-test-ecs-unhealthy-green"]) && !one(aws_codedeploy_deployment_group.this.alarm_configuration).ignore_poll_alarm_failure
    error_message = "an alarm does not stop a deployment"
  }
  assert {
    condition     = one(one(aws_codedeploy_deployment_group.this.blue_green_deployment_config).terminate_blue_instances_on_deployment_success).termination_wait_time_in_minutes == 15
    error_message = "blue is gone before anything could be seen of green"
  }
  assert {
    condition     = length(one(one(aws_codedeploy_deployment_group.this.load_balancer_info).target_group_pair_info).target_group) == 2
    error_message = "there are not two colours"
  }
  assert {
    condition     = jsondecode(output.appspec).Resources[0].TargetService.Properties.TaskDefinition == aws_ecs_task_definition.this.arn
    error_message = "the deployment is of another task definition"
  }
}

run "roles" {
  command = plan

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource if statement.Sid == "Secrets"]) == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_tidewatch-test-AbCdEf", "arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test/pagerduty-AbCdEf"]
    error_message = "other secrets than the consumer's can be read"
  }
  assert {
    condition     = tolist(one([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource if statement.Sid == "Pull"])) == var.repository_arns
    error_message = "images of other repositories can be pulled"
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Resource != "*" || statement.Sid == "Look"])
    error_message = "deployments may change what is not theirs"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"])
    error_message = "another account can take the role by way of the service"
  }
}

run "image_by_tag" {
  command = plan

  variables {
    image = "tidewatch:0.2.0"
  }

  expect_failures = [var.image]
}

run "every_secret" {
  command = plan

  variables {
    secrets = { password = "arn:aws:secretsmanager:us-east-1:123456789012:secret:*" }
  }

  expect_failures = [var.secrets]
}

run "file_outside_the_folder" {
  command = plan

  variables {
    files = { "settings.yaml" = "", "../passwd" = "" }
  }

  expect_failures = [var.files]
}
