locals {
  health_port = 8080
  folder      = "/etc/tidewatch"

  # In the order of their paths; variables of an environment have no slashes in their names.
  paths       = sort(keys(var.files))
  secret_keys = sort(keys(var.secrets))

  # Fargate has neither ConfigMaps nor secrets as files, and Tidewatch takes secrets from files alone, as an environment is inherited
  # and shown. So a container that ends before the consumer begins writes both into a volume that only the two see.
  write = join("\n", concat(
    ["set -eu", "umask 0022", "cd ${local.folder}", "mkdir -p ${join(" ", distinct(concat(["secrets"], [for path in local.paths : dirname(path)])))}"],
    [for index, path in local.paths : "printf %s \"$FILE_${index}\" | base64 -d | gunzip > ${path}"],
    [for index, key in local.secret_keys : "printf %s \"$SECRET_${index}\" > secrets/${key}"],
  ))

  log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.current.name
      awslogs-stream-prefix = "tidewatch"
      # A log that is not taken away must not stop the counting.
      mode            = "non-blocking"
      max-buffer-size = "8m"
    }
  }

  configuration = {
    name  = "configuration"
    image = var.image
    # The volume belongs to root; without capabilities it is that one's files alone.
    user                   = "0:0"
    essential              = false
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    entryPoint             = ["/bin/sh", "-c"]
    command                = [local.write]
    environment            = [for index, path in local.paths : { name = "FILE_${index}", value = base64gzip(var.files[path]) }]
    secrets                = [for index, key in local.secret_keys : { name = "SECRET_${index}", valueFrom = var.secrets[key] }]
    mountPoints            = [{ sourceVolume = "configuration", containerPath = local.folder, readOnly = false }]
    logConfiguration       = local.log
  }

  consumer = {
    name                   = "tidewatch"
    image                  = var.image
    user                   = "65532:65532"
    essential              = true
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = false }
    command                = ["run", "--config", "${local.folder}/settings.yaml"]
    environment            = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    dependsOn              = [{ containerName = "configuration", condition = "SUCCESS" }]
    mountPoints            = [{ sourceVolume = "configuration", containerPath = local.folder, readOnly = true }]
    portMappings = [
      { name = "health", containerPort = local.health_port, hostPort = local.health_port, protocol = "tcp" },
      { name = "metrics", containerPort = 9090, hostPort = 9090, protocol = "tcp" },
    ]
    # A drain takes half a minute at most where brokers don't answer; 120 s are Fargate's most.
    stopTimeout      = 120
    logConfiguration = local.log
  }
}

data "aws_region" "current" {}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-tidewatch"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory_mib
  task_role_arn            = aws_iam_role.this["task"].arn
  execution_role_arn       = aws_iam_role.this["execution"].arn
  container_definitions    = jsonencode([local.configuration, local.consumer])
  # Former ones are what a deployment goes back to.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "configuration"
  }
}
