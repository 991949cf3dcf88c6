mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_default_tags" {
    defaults = { tags = { Project = "tidewatch" } }
  }
  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-ubuntu" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_network_interface" {
    defaults = { id = "eni-0123", private_dns_name = "ip-10-0-20-5.ec2.internal" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0", arn = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test-timescale-AbCdEf" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/tidewatch/tidewatch-test/timescale" }
  }
}

variables {
  name               = "tidewatch-test"
  subnet_id          = "subnet-a"
  availability_zone  = "us-east-1a"
  security_group_ids = ["sg-timescale"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  secrets_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
}

run "data" {
  command = plan

  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.kms_key_id == var.kms_key_arn && aws_ebs_volume.data.type == "gp3"
    error_message = "the data's volume is not encrypted with the key of this estate"
  }
  assert {
    condition     = aws_ebs_volume.data.tags["Backup"] == "true"
    error_message = "no backup plan finds the data's volume"
  }
  assert {
    condition     = aws_ebs_volume.data.final_snapshot && aws_volume_attachment.data.stop_instance_before_detaching
    error_message = "the data can go without a last snapshot, or is detached while it is written"
  }
  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted && aws_instance.this.root_block_device[0].kms_key_id == var.kms_key_arn && aws_instance.this.root_block_device[0].tags["Project"] == "tidewatch"
    error_message = "the root volume is not encrypted with the key of this estate, or has no tags"
  }
  assert {
    condition     = aws_ebs_volume.data.availability_zone == "us-east-1a" && output.volume_ids == [aws_ebs_volume.data.id]
    error_message = "the volume is not in the instance's zone, or nobody hears of it"
  }
}

run "host" {
  command = plan

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "the instance's metadata answers without a token"
  }
  assert {
    condition     = aws_network_interface.this.security_groups == toset(var.security_group_ids) && one(aws_instance.this.network_interface).network_interface_id == aws_network_interface.this.id
    error_message = "the instance listens outside of its security groups, or its address goes with it"
  }
  assert {
    condition     = aws_instance.this.disable_api_termination && aws_iam_role_policy_attachment.ssm.policy_arn == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    error_message = "operators have another way in than Session Manager, or the instance can be terminated by mistake"
  }
  assert {
    condition     = aws_instance.this.ami == "ami-ubuntu"
    error_message = "the instance is not made from Canonical's image"
  }
  assert {
    condition = alltrue([for setting in [
      "export ADDRESS='ip-10-0-20-5.ec2.internal'",
      "export AWS_DEFAULT_REGION='us-east-1'",
      "export POSTGRESQL='17'",
      "export SECRET='arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test-timescale-AbCdEf'",
      "export VOLUME='vol-0123456789abcdef0'",
    ] : contains(split("\n", aws_instance.this.user_data), setting)])
    error_message = "the script does not hear of its address, secret or volume"
  }
  assert {
    # Each variable that the script refuses to run without is set in front of it.
    condition     = length(regexall("\\$\\{([A-Z_]+):?\\?\\}", file("prepare.sh"))) == length(local.settings) && alltrue([for name in flatten(regexall("\\$\\{([A-Z_]+):?\\?\\}", file("prepare.sh"))) : contains(keys(local.settings), name)])
    error_message = "the script stops at its first line: a setting is missing"
  }
  assert {
    condition     = endswith(aws_instance.this.user_data, file("prepare.sh")) && length(aws_instance.this.user_data) < 16384 && aws_instance.this.user_data_replace_on_change
    error_message = "EC2 refuses user data above 16 KiB, or a changed script is never run"
  }
}

run "secrets" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret_version.this.secret_string == null && aws_secretsmanager_secret_version.this.secret_string_wo_version == 1
    error_message = "the password is in the state"
  }
  assert {
    condition     = aws_secretsmanager_secret.this.kms_key_id == var.secrets_key_arn
    error_message = "the secret is not encrypted with the key of secrets"
  }
  assert {
    condition     = !strcontains(lower(nonsensitive(join(" ", keys(local.settings)))), "password")
    error_message = "the password is in the instance's user data"
  }
}

run "role" {
  command = plan

  assert {
    condition     = { for statement in data.aws_iam_policy_document.this.statement : statement.sid => one(statement.resources) if length(statement.condition) == 0 } == { Password = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tidewatch-test-timescale-AbCdEf", Certificate = "arn:aws:ssm:us-east-1:123456789012:parameter/tidewatch-test/timescale/certificate", Log = "arn:aws:logs:us-east-1:123456789012:log-group:/tidewatch/tidewatch-test/timescale:*" }
    error_message = "the instance may read or write more than its own secret, certificate and log"
  }
  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.this.statement : one(statement.condition).variable if length(statement.condition) > 0]) == toset(["kms:ViaService", "cloudwatch:namespace"])
    error_message = "the instance may use the key, or write metrics, for anything"
  }
}

run "log" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "PostgreSQL's log group has no key, or keeps for ever"
  }
  assert {
    condition     = local.agent.logs.logs_collected.files.collect_list[0].log_group_name == aws_cloudwatch_log_group.this.name && strcontains(aws_ssm_document.agent.content, base64encode(jsonencode(local.agent)))
    error_message = "PostgreSQL's log does not come to CloudWatch"
  }
  assert {
    condition     = local.agent.metrics.metrics_collected.disk.resources == ["/data"] && local.agent.metrics.namespace == one(one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "Metrics"]).condition).values[0]
    error_message = "nobody sees that the data's volume is full"
  }
}

run "own_image" {
  command = plan
  variables {
    ami_id              = "ami-own"
    timescaledb_version = "2.27.*"
  }

  assert {
    condition     = aws_instance.this.ami == "ami-own" && length(data.aws_ssm_parameter.image) == 0 && strcontains(aws_instance.this.user_data, "export TIMESCALEDB='2.27.*'")
    error_message = "the named image or version is not taken"
  }
}

run "other_processors_are_refused" {
  command = plan
  variables {
    instance_type = "m6i.large"
  }
  expect_failures = [var.instance_type]
}

run "shell_in_the_version_is_refused" {
  command = plan
  variables {
    timescaledb_version = "2'; reboot; '"
  }
  expect_failures = [var.timescaledb_version]
}

run "volume_without_backup_is_refused" {
  command = plan
  variables {
    backup_tags = {}
  }
  expect_failures = [var.backup_tags]
}
