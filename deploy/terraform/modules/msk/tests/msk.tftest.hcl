mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_msk_configuration" {
    defaults = { arn = "arn:aws:kafka:us-east-1:123456789012:configuration/tidewatch-test/1", latest_revision = 4 }
  }
  mock_resource "aws_msk_cluster" {
    defaults = { arn = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-test/1" }
  }
  mock_resource "aws_msk_serverless_cluster" {
    defaults = { arn = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-test/2", bootstrap_brokers_sasl_iam = "boot.serverless:9098" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_tidewatch-test-tidewatch-AbCdEf" }
  }
}

variables {
  name               = "tidewatch-test"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-kafka"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  secrets_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
  log_bucket_name    = "tidewatch-test-logs"
}

run "who_may_connect" {
  command = plan

  assert {
    condition     = !aws_msk_cluster.this[0].client_authentication[0].unauthenticated
    error_message = "somebody who has not signed in reads and writes topics"
  }
  assert {
    condition     = aws_msk_cluster.this[0].client_authentication[0].sasl[0].iam && aws_msk_cluster.this[0].client_authentication[0].sasl[0].scram
    error_message = "there is no sign-in by IAM or by SCRAM"
  }
  assert {
    condition     = length(aws_msk_cluster.this[0].client_authentication[0].tls) == 0
    error_message = "certificates sign in, of which no authority was named"
  }
  assert {
    condition     = aws_msk_cluster.this[0].broker_node_group_info[0].connectivity_info[0].public_access[0].type == "DISABLED"
    error_message = "the brokers can be reached from the internet"
  }
  assert {
    condition     = length(aws_msk_cluster.this[0].broker_node_group_info[0].connectivity_info[0].vpc_connectivity) == 0 && length(aws_msk_cluster_policy.replicator) == 0
    error_message = "the brokers can be reached from other VPCs, which nobody asked for"
  }
}

run "encryption" {
  command = plan

  assert {
    condition     = aws_msk_cluster.this[0].encryption_info[0].encryption_in_transit[0].client_broker == "TLS" && aws_msk_cluster.this[0].encryption_info[0].encryption_in_transit[0].in_cluster
    error_message = "records go over the network in plain text"
  }
  assert {
    condition     = aws_msk_cluster.this[0].encryption_info[0].encryption_at_rest_kms_key_arn == var.kms_key_arn
    error_message = "the brokers' volumes are not encrypted with the key of this estate"
  }
  assert {
    condition     = aws_secretsmanager_secret.scram[0].kms_key_id == var.secrets_key_arn && startswith(aws_secretsmanager_secret.scram[0].name, "AmazonMSK_")
    error_message = "MSK refuses the secret: it wants a key of one's own and the prefix AmazonMSK_"
  }
  assert {
    condition     = aws_secretsmanager_secret_version.scram[0].secret_string == null && aws_secretsmanager_secret_version.scram[0].secret_string_wo_version == 1
    error_message = "the password is in the state"
  }
  assert {
    condition     = aws_secretsmanager_secret.scram[0].recovery_window_in_days == 30
    error_message = "a secret that is deleted by mistake can't be taken back"
  }
  assert {
    condition     = aws_msk_scram_secret_association.this[0].secret_arn_list == toset([aws_secretsmanager_secret.scram[0].arn])
    error_message = "the brokers do not know the user of the secret"
  }
  assert {
    condition     = data.aws_iam_policy_document.scram[0].statement[0].principals == toset([{ type = "Service", identifiers = toset(["kafka.amazonaws.com"]) }]) && data.aws_iam_policy_document.scram[0].statement[0].resources == toset([aws_secretsmanager_secret.scram[0].arn])
    error_message = "somebody else than the brokers may read the secret by its policy"
  }
}

run "settings_of_three_zones" {
  command = plan

  assert {
    condition     = aws_msk_cluster.this[0].number_of_broker_nodes == 3
    error_message = "there is not one broker in each zone"
  }
  assert {
    condition     = contains(split("\n", aws_msk_configuration.this[0].server_properties), "default.replication.factor=3") && contains(split("\n", aws_msk_configuration.this[0].server_properties), "min.insync.replicas=2")
    error_message = "an acknowledged record may be on one broker alone"
  }
  assert {
    condition     = contains(split("\n", aws_msk_configuration.this[0].server_properties), "unclean.leader.election.enable=false")
    error_message = "a replica that lags may lead, and counted records are lost"
  }
  assert {
    condition     = contains(split("\n", aws_msk_configuration.this[0].server_properties), "auto.create.topics.enable=false")
    error_message = "a typing error makes a topic"
  }
  assert {
    condition     = contains(split("\n", aws_msk_configuration.this[0].server_properties), "allow.everyone.if.no.acl.found=false")
    error_message = "who signs in by SCRAM may read and write every topic"
  }
  assert {
    condition     = !strcontains(aws_msk_configuration.this[0].server_properties, "timestamp.type")
    error_message = "the times of inputs are overwritten: topics choose whose times their records have"
  }
  assert {
    condition     = aws_msk_cluster.this[0].configuration_info[0].revision == 4
    error_message = "the brokers do not take the newest revision of their settings"
  }
}

run "logs_metrics_and_storage" {
  command = plan

  assert {
    condition     = aws_msk_cluster.this[0].logging_info[0].broker_logs[0].cloudwatch_logs[0].enabled && aws_msk_cluster.this[0].logging_info[0].broker_logs[0].s3[0].bucket == "tidewatch-test-logs"
    error_message = "the brokers' logs go nowhere"
  }
  assert {
    condition     = aws_cloudwatch_log_group.brokers[0].kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.brokers[0].retention_in_days == 365
    error_message = "the brokers' log group has no key, or keeps for ever"
  }
  assert {
    condition     = aws_msk_cluster.this[0].open_monitoring[0].prometheus[0].jmx_exporter[0].enabled_in_broker && aws_msk_cluster.this[0].open_monitoring[0].prometheus[0].node_exporter[0].enabled_in_broker
    error_message = "Prometheus can't read the brokers' metrics"
  }
  assert {
    condition     = aws_appautoscaling_target.storage[0].max_capacity == 4000 && aws_appautoscaling_policy.storage[0].target_tracking_scaling_policy_configuration[0].disable_scale_in
    error_message = "the brokers' volumes do not grow"
  }
  assert {
    condition     = output.monitoring_ports == { jmx = 11001, node = 11002 }
    error_message = "scrapers are sent to ports that MSK does not have"
  }
}

run "two_zones" {
  command = plan
  variables {
    subnet_ids    = ["subnet-a", "subnet-b"]
    instance_type = "kafka.t3.small"
  }

  assert {
    condition     = aws_msk_cluster.this[0].number_of_broker_nodes == 2 && contains(split("\n", aws_msk_configuration.this[0].server_properties), "default.replication.factor=2") && contains(split("\n", aws_msk_configuration.this[0].server_properties), "min.insync.replicas=1")
    error_message = "with two brokers nothing can be written while one is away"
  }
}

run "source_of_a_second_region" {
  command = plan
  variables {
    replication_source = true
    client_ca_arns     = ["arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/44444444-4444-4444-4444-444444444444"]
  }

  assert {
    condition     = aws_msk_cluster.this[0].broker_node_group_info[0].connectivity_info[0].vpc_connectivity[0].client_authentication[0].sasl[0].iam
    error_message = "MSK Replicator can't sign in"
  }
  assert {
    condition     = data.aws_iam_policy_document.replicator[0].statement[0].resources == toset([aws_msk_cluster.this[0].arn]) && one(data.aws_iam_policy_document.replicator[0].statement[0].condition).variable == "aws:SourceAccount" && length(aws_msk_cluster_policy.replicator) == 1
    error_message = "MSK Replicator of another account may read the cluster"
  }
  assert {
    condition     = aws_msk_cluster.this[0].client_authentication[0].tls[0].certificate_authority_arns == var.client_ca_arns
    error_message = "certificates of the named authority do not sign in"
  }
}

run "second_region" {
  command = plan
  variables {
    replicate_from = {
      cluster_arn        = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-first/9"
      subnet_ids         = ["subnet-x", "subnet-y"]
      security_group_ids = ["sg-first"]
    }
  }

  assert {
    condition     = one(aws_msk_replicator.this[0].replication_info_list[0].topic_replication).topics_to_replicate == toset(["aws\\..*"]) && one(aws_msk_replicator.this[0].replication_info_list[0].topic_replication).topic_name_configuration[0].type == "IDENTICAL"
    error_message = "other topics than the inputs are copied, or under names that the second region's consumer does not read"
  }
  assert {
    condition     = one(aws_msk_replicator.this[0].replication_info_list[0].topic_replication).starting_position[0].type == "EARLIEST"
    error_message = "what was there before the replicator is not copied"
  }
  assert {
    condition     = one(aws_msk_replicator.this[0].replication_info_list[0].consumer_group_replication).consumer_groups_to_exclude == toset(["tidewatch.*"])
    error_message = "the consumer of the second region is sent to offsets of the first one's"
  }
  assert {
    condition     = aws_msk_replicator.this[0].replication_info_list[0].source_kafka_cluster_arn == var.replicate_from.cluster_arn && aws_msk_replicator.this[0].replication_info_list[0].target_kafka_cluster_arn == output.cluster_arn
    error_message = "the replicator copies the wrong way"
  }
  assert {
    condition     = !anytrue([for action in data.aws_iam_policy_document.replicator_access[0].statement[0].actions : strcontains(action, "Write") || strcontains(action, "Create") || strcontains(action, "AlterTopic")])
    error_message = "the replicator may write to the cluster that it reads"
  }
  assert {
    condition     = toset(data.aws_iam_policy_document.replicator_access[0].statement[1].resources) == toset(["arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-test/1", "arn:aws:kafka:us-east-1:123456789012:topic/tidewatch-test/1/*", "arn:aws:kafka:us-east-1:123456789012:group/tidewatch-test/1/*"])
    error_message = "the replicator may write to other clusters"
  }
}

run "own_topics_are_not_replicated" {
  command = plan
  variables {
    replicate_from = {
      cluster_arn        = "arn:aws:kafka:us-east-1:123456789012:cluster/tidewatch-first/9"
      subnet_ids         = ["subnet-x", "subnet-y"]
      security_group_ids = ["sg-first"]
      topics             = ["tidewatch\\..*"]
    }
  }
  expect_failures = [var.replicate_from]
}

run "serverless" {
  command = plan
  variables {
    serverless = true
  }

  assert {
    condition     = aws_msk_serverless_cluster.this[0].client_authentication[0].sasl[0].iam[0].enabled && one(aws_msk_serverless_cluster.this[0].vpc_config).security_group_ids == toset(var.security_group_ids)
    error_message = "the serverless cluster has no sign-in by IAM, or a security group that lets others in"
  }
  assert {
    condition     = length(aws_msk_cluster.this) + length(aws_secretsmanager_secret.scram) + length(aws_appautoscaling_target.storage) + length(aws_cloudwatch_log_group.brokers) == 0
    error_message = "brokers are paid for beside the serverless cluster"
  }
  assert {
    condition     = output.bootstrap_brokers_iam == "boot.serverless:9098" && output.bootstrap_brokers_scram == null && output.cluster_arn == aws_msk_serverless_cluster.this[0].arn
    error_message = "clients are sent to brokers that are not there"
  }
}

run "zookeeper_is_refused" {
  command = plan
  variables {
    kafka_version = "3.6.0"
  }
  expect_failures = [var.kafka_version]
}

run "smallest_brokers_as_source_are_refused" {
  command = plan
  variables {
    replication_source = true
    instance_type      = "kafka.t3.small"
  }
  expect_failures = [aws_msk_cluster.this]
}

run "two_brokers_as_source_are_refused" {
  command = plan
  variables {
    replication_source = true
    subnet_ids         = ["subnet-a", "subnet-b"]
  }
  expect_failures = [aws_msk_cluster.this]
}

run "one_zone_is_refused" {
  command = plan
  variables {
    subnet_ids = ["subnet-a"]
  }
  expect_failures = [var.subnet_ids]
}
