mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name        = "tidewatch-test"
  ebs_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  config = {
    bucket_name = "tidewatch-test-logs"
    key_arn     = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  }
  findings = {
    topic_arn             = "arn:aws:sns:us-east-1:123456789012:tidewatch-test-incidents"
    undelivered_queue_arn = "arn:aws:sqs:us-east-1:123456789012:tidewatch-test-undelivered"
  }
}

run "the_account" {
  command = plan

  assert {
    condition     = aws_s3_account_public_access_block.this[0].block_public_acls && aws_s3_account_public_access_block.this[0].block_public_policy && aws_s3_account_public_access_block.this[0].ignore_public_acls && aws_s3_account_public_access_block.this[0].restrict_public_buckets
    error_message = "a bucket of the account can be made public"
  }
  assert {
    condition     = aws_ebs_encryption_by_default.this[0].enabled && aws_ebs_default_kms_key.this[0].key_arn == var.ebs_key_arn
    error_message = "a volume that names no key is not encrypted with the key of this estate"
  }
  assert {
    condition     = aws_ebs_snapshot_block_public_access.this[0].state == "block-all-sharing"
    error_message = "a snapshot can be made public"
  }
  assert {
    condition     = aws_ec2_instance_metadata_defaults.this[0].http_tokens == "required" && aws_ec2_instance_metadata_defaults.this[0].http_put_response_hop_limit == 1
    error_message = "an instance gives its role's keys to who asks without a token, or to its containers"
  }
}

run "guardduty" {
  command = plan

  assert {
    condition     = aws_guardduty_detector.this[0].enable && length(aws_guardduty_detector_feature.this) == 6 && alltrue([for feature in aws_guardduty_detector_feature.this : feature.status == "ENABLED"])
    error_message = "GuardDuty does not look at EKS's audit logs, at run time, or for malware"
  }
  assert {
    condition     = toset(aws_guardduty_detector_feature.this["RUNTIME_MONITORING"].additional_configuration[*].name) == toset(["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"])
    error_message = "GuardDuty watches run time without its agent on the nodes"
  }
}

run "config" {
  command = plan

  assert {
    condition     = aws_config_configuration_recorder_status.this[0].is_enabled && aws_config_configuration_recorder.this[0].recording_group[0].all_supported && aws_config_configuration_recorder.this[0].recording_group[0].include_global_resource_types
    error_message = "AWS Config records nothing, or not all"
  }
  assert {
    condition     = aws_config_configuration_recorder.this[0].role_arn == "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig" && length(aws_iam_service_linked_role.config) == 1
    error_message = "AWS Config does not run by its service-linked role"
  }
  assert {
    condition     = aws_config_delivery_channel.this[0].s3_kms_key_arn == var.config.key_arn && aws_config_delivery_channel.this[0].s3_key_prefix == "config" && aws_config_delivery_channel.this[0].sns_topic_arn == null
    error_message = "what Config writes is not encrypted, or lies where the bucket's policy does not let it"
  }
  assert {
    condition     = aws_config_retention_configuration.this[0].retention_period_in_days == 2555
    error_message = "the history of resources is not kept for seven years"
  }
  assert {
    condition     = jsondecode(aws_config_config_rule.this["open-ports"].input_parameters) == { authorizedTcpPorts = "443" } && aws_config_config_rule.this["open-ports"].source[0].source_identifier == "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS"
    error_message = "a port beside 443 can be opened to the world, and no rule sees it"
  }
  assert {
    condition     = toset(values(jsondecode(aws_config_config_rule.this["tags"].input_parameters))) == toset(["Project", "Environment", "Owner", "CostCenter", "ManagedBy"])
    error_message = "a resource without the tags of the estate is not seen"
  }
  assert {
    condition     = alltrue([for rule in aws_config_config_rule.this : rule.source[0].owner == "AWS"])
    error_message = "a rule is not AWS's own"
  }
}

run "rules_of_ones_own" {
  command = plan

  variables {
    config = {
      bucket_name = "tidewatch-test-logs"
      key_arn     = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
      make_role   = false
      rules       = { ports = { identifier = "INCOMING_SSH_DISABLED" } }
    }
  }

  assert {
    condition     = [for rule in aws_config_config_rule.this : rule.source[0].source_identifier] == ["INCOMING_SSH_DISABLED"] && length(aws_iam_service_linked_role.config) == 0
    error_message = "there are other rules than were asked for, or the role is made a second time"
  }
}

run "security_hub" {
  command = plan

  assert {
    condition     = toset([for subscription in aws_securityhub_standards_subscription.this : subscription.standards_arn]) == toset(["arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0", "arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0"])
    error_message = "Security Hub does not measure by AWS's best practices and NIST 800-53"
  }
  assert {
    condition     = !aws_securityhub_account.this[0].enable_default_standards && aws_securityhub_account.this[0].control_finding_generator == "SECURITY_CONTROL"
    error_message = "a control that fails is found once for each standard"
  }
  assert {
    condition     = aws_inspector2_enabler.this[0].resource_types == toset(["EC2", "ECR", "LAMBDA"]) && aws_inspector2_enabler.this[0].account_ids == toset(["123456789012"])
    error_message = "Inspector does not scan images, instances and functions of this account"
  }
  assert {
    condition     = aws_accessanalyzer_analyzer.this[0].type == "ACCOUNT"
    error_message = "access from outside the account is not analysed"
  }
}

run "findings_once" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_event_rule.findings) == ["security-hub"]
    error_message = "a finding comes twice, or not at all"
  }
  assert {
    condition     = toset(jsondecode(aws_cloudwatch_event_rule.findings["security-hub"].event_pattern).detail.findings.Severity.Label) == toset(["HIGH", "CRITICAL"])
    error_message = "findings of high severity are not sent"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.findings["security-hub"].event_pattern).detail.findings.ProductName == [{ "anything-but" = ["Security Hub"] }]
    error_message = "each control that an account fails pages somebody every day"
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.findings : target.arn == var.findings.topic_arn && target.dead_letter_config[0].arn == var.findings.undelivered_queue_arn])
    error_message = "a finding goes elsewhere, or is lost when it can't be delivered"
  }
}

run "findings_without_the_hub" {
  command = plan

  variables {
    enabled = { security_hub = false }
  }

  assert {
    condition     = keys(aws_cloudwatch_event_rule.findings) == ["access-analyzer", "guardduty", "inspector"]
    error_message = "without Security Hub what others find is not sent"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.findings["guardduty"].event_pattern).detail.severity[0].numeric[1] == 7
    error_message = "GuardDuty's findings of high severity are not sent, or all are"
  }
}

run "everything_is_run_centrally" {
  command = plan

  variables {
    enabled     = { guardduty = false, config = false, security_hub = false, inspector = false, access_analyzer = false, account = false }
    ebs_key_arn = null
    config      = null
    findings    = null
  }

  assert {
    condition     = length(aws_guardduty_detector.this) + length(aws_guardduty_detector_feature.this) + length(aws_config_configuration_recorder.this) + length(aws_config_config_rule.this) + length(aws_securityhub_account.this) + length(aws_securityhub_standards_subscription.this) + length(aws_inspector2_enabler.this) + length(aws_accessanalyzer_analyzer.this) + length(aws_s3_account_public_access_block.this) + length(aws_ebs_encryption_by_default.this) + length(aws_cloudwatch_event_rule.findings) == 0
    error_message = "what the organisation runs centrally is run here too"
  }
}

run "second_region" {
  command = plan

  variables {
    global_region = false
  }

  assert {
    condition     = length(aws_s3_account_public_access_block.this) == 0 && length(aws_iam_service_linked_role.config) == 0 && !aws_config_configuration_recorder.this[0].recording_group[0].include_global_resource_types
    error_message = "what an account has once is made again in its second region"
  }
}

run "some_features" {
  command = plan

  variables {
    guardduty_features = ["EKS_AUDIT_LOGS"]
  }

  assert {
    condition     = [for name, feature in aws_guardduty_detector_feature.this : name if feature.status == "ENABLED"] == ["EKS_AUDIT_LOGS"] && length(aws_guardduty_detector_feature.this) == 6
    error_message = "a feature that nobody asked for is left as AWS switches it"
  }
}

run "refuses_config_without_a_bucket" {
  command = plan

  variables {
    config = null
  }

  expect_failures = [var.config]
}

run "refuses_an_unknown_severity" {
  command = plan

  variables {
    findings = { topic_arn = "arn:aws:sns:us-east-1:123456789012:a", undelivered_queue_arn = "arn:aws:sqs:us-east-1:123456789012:b", severities = ["SEVERE"] }
  }

  expect_failures = [var.findings]
}
