# CloudWatch's agent, for PostgreSQL's log and for what EC2 can't see from outside: how full memory and the data's volume are.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/tidewatch/${var.name}/timescale"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
}

locals {
  agent = {
    logs = {
      logs_collected = {
        files = {
          collect_list = [{
            file_path       = "/var/log/postgresql/*.log"
            log_group_name  = aws_cloudwatch_log_group.this.name
            log_stream_name = "{instance_id}"
          }]
        }
      }
    }
    metrics = {
      namespace         = local.metrics_namespace
      append_dimensions = { InstanceId = "$${aws:InstanceId}" }
      metrics_collected = {
        disk = { measurement = ["used_percent"], resources = ["/data"], drop_device = true }
        mem  = { measurement = ["used_percent"] }
      }
    }
  }
}

resource "aws_ssm_document" "agent" {
  name            = "${var.name}-timescale-agent"
  document_type   = "Command"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "2.2"
    description   = "Installs CloudWatch's agent, and gives it its configuration"
    mainSteps = [
      {
        name   = "install"
        action = "aws:configurePackage"
        inputs = { name = "AmazonCloudWatchAgent", action = "Install" }
      },
      {
        name   = "configure"
        action = "aws:runShellScript"
        inputs = {
          runCommand = [
            "set -eu",
            "install -d /opt/aws/amazon-cloudwatch-agent/etc",
            "echo ${base64encode(jsonencode(local.agent))} | base64 -d > /opt/aws/amazon-cloudwatch-agent/etc/tidewatch.json",
            "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/opt/aws/amazon-cloudwatch-agent/etc/tidewatch.json",
          ]
        }
      },
    ]
  })
}

# Again each day: a newer agent comes, and one that stopped is started.
resource "aws_ssm_association" "agent" {
  name                = aws_ssm_document.agent.name
  association_name    = "${var.name}-timescale-agent"
  document_version    = "$LATEST"
  schedule_expression = "rate(1 day)"

  targets {
    key    = "InstanceIds"
    values = [aws_instance.this.id]
  }
}
