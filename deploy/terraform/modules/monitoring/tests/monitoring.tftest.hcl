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
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:tidewatch-test-pages" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
}

variables {
  name                    = "tidewatch-test"
  kafka                   = { cluster_name = "tidewatch-test" }
  dead_letter_queue_names = ["tidewatch-test-objects-dead-letters", "tidewatch-test-undelivered"]
}

run "alarms" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.heartbeat.treat_missing_data == "breaching"
    error_message = "that Tidewatch says nothing at all does not page"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.heartbeat.comparison_operator == "LessThanOrEqualToThreshold" && aws_cloudwatch_metric_alarm.heartbeat.threshold == 0 && aws_cloudwatch_metric_alarm.heartbeat.evaluation_periods == 5
    error_message = "silence of five minutes does not page"
  }
  assert {
    condition     = one(aws_cloudwatch_metric_alarm.heartbeat.metric_query).expression == "SELECT SUM(BytesInPerSec) FROM \"AWS/Kafka\" WHERE \"Cluster Name\" = 'tidewatch-test' AND Topic = 'tidewatch.registers'"
    error_message = "the heartbeat is not of the topic to which consumers write"
  }
  assert {
    condition     = one(aws_cloudwatch_metric_alarm.lag.metric_query).expression == "SELECT MAX(EstimatedMaxTimeLag) FROM \"AWS/Kafka\" WHERE \"Cluster Name\" = 'tidewatch-test' AND (\"Consumer Group\" = 'tidewatch' OR \"Consumer Group\" = 'tidewatch-evaluators')"
    error_message = "the lag is of other groups or another cluster"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.lag.comparison_operator == "GreaterThanThreshold" && aws_cloudwatch_metric_alarm.lag.threshold == 300 && aws_cloudwatch_metric_alarm.lag.treat_missing_data == "ignore"
    error_message = "a lag of five minutes does not page, or a rebalance ends a page"
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.blind.alarm_rule == "ALARM(\"tidewatch-test-heartbeat\") OR ALARM(\"tidewatch-test-lag\")" && aws_cloudwatch_composite_alarm.blind.alarm_actions == toset([aws_sns_topic.pages.arn])
    error_message = "heartbeat or lag pages nobody"
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.blind.ok_actions == toset([aws_sns_topic.pages.arn]) && alltrue([for alarm in aws_cloudwatch_metric_alarm.dead_letters : alarm.ok_actions == toset([aws_sns_topic.pages.arn])])
    error_message = "an incident stays open when its cause is over"
  }
  assert {
    condition     = toset([for alarm in aws_cloudwatch_metric_alarm.dead_letters : alarm.dimensions.QueueName]) == var.dead_letter_queue_names && alltrue([for alarm in aws_cloudwatch_metric_alarm.dead_letters : alarm.alarm_actions == toset([aws_sns_topic.pages.arn]) && alarm.threshold == 0 && alarm.treat_missing_data == "notBreaching"])
    error_message = "a dead letter pages nobody, or an empty queue does"
  }
  assert {
    condition     = alltrue([for alarm in concat([aws_cloudwatch_metric_alarm.heartbeat, aws_cloudwatch_metric_alarm.lag], values(aws_cloudwatch_metric_alarm.dead_letters)) : alltrue([for query in alarm.metric_query : strcontains(query.expression, "FROM \"AWS/")]) && startswith(coalesce(alarm.namespace, "AWS/"), "AWS/")])
    error_message = "an alarm on Tidewatch is of metrics that Tidewatch publishes itself"
  }
}

run "the_topic" {
  command = plan

  assert {
    condition     = aws_sns_topic.pages.kms_master_key_id == aws_kms_key.pages.arn && aws_kms_key.pages.enable_key_rotation
    error_message = "pages are not encrypted with a key that is rotated"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.key.statement : contains(one(statement.principals).identifiers, "cloudwatch.amazonaws.com") && toset(statement.actions) == toset(["kms:Decrypt", "kms:GenerateDataKey*"])])
    error_message = "CloudWatch may not use the topic's key, so no alarm is published"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.topic.statement : contains(one(statement.principals).identifiers, "cloudwatch.amazonaws.com") && length([for condition in statement.condition : condition if condition.variable == "aws:SourceAccount" && condition.values == tolist(["123456789012"])]) == 1])
    error_message = "CloudWatch may not publish, or alarms of other accounts page"
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.topic.statement : one(statement.principals).identifiers if statement.effect != "Deny"])) == toset(["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com", "backup.amazonaws.com"])
    error_message = "others than the named services may publish, or some of them may not"
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.topic.statement : statement.effect == "Deny" && one(statement.condition[*].variable) == "aws:SecureTransport" if length(statement.condition) == 1])
    error_message = "the topic takes pages without TLS"
  }
  assert {
    condition     = length(aws_cloudformation_stack.pagerduty) == 0 && length(aws_iam_role.pagerduty) == 0
    error_message = "there is a subscription that nobody asked for"
  }
}

run "pagerduty" {
  command = plan

  variables {
    emails = ["operations@example.com"]
    pagerduty = {
      secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-AbCdEf"
      key_arn    = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
    }
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.pagerduty[0].template_body).Resources.Subscription.Properties.Endpoint == "{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-AbCdEf:SecretString:integration-url::}}"
    error_message = "the address of PagerDuty's integration is in the state, and not in Secrets Manager"
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.pagerduty[0].template_body).Resources.Subscription.Properties.Protocol == "https" && jsondecode(aws_cloudformation_stack.pagerduty[0].template_body).Resources.Subscription.Properties.TopicArn == aws_sns_topic.pages.arn
    error_message = "pages do not go to PagerDuty by HTTPS"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.pagerduty[0].statement : statement.resources if contains(statement.actions, "secretsmanager:GetSecretValue")]) == toset([var.pagerduty.secret_arn])
    error_message = "CloudFormation can't read the address, or reads other secrets too"
  }
  assert {
    condition     = [for subscription in aws_sns_topic_subscription.emails : subscription.endpoint] == ["operations@example.com"]
    error_message = "pages hang on PagerDuty alone"
  }
}

run "dashboard_of_what_there_is" {
  command = plan

  variables {
    dashboard = {
      eks_cluster_name  = "tidewatch-test"
      aurora_cluster_id = "tidewatch-test"
      redis_cluster_ids = ["tidewatch-test-001", "tidewatch-test-002"]
      load_balancer     = "app/tidewatch-test/0123456789abcdef"
      target_group      = "targetgroup/tidewatch-test/0123456789abcdef"
      queue_names       = ["tidewatch-test-objects"]
    }
  }

  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.markdown if widget.type == "text"] == [
      "## Brokers", "## EKS", "## Aurora", "## Redis", "## Load balancer", "## Queues",
    ]
    error_message = "the dashboard misses a part of the estate"
  }
  assert {
    condition = length(setsubtract(
      flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[0]] if can(widget.properties.stat)]),
      ["AWS/Kafka", "AWS/EKS", "AWS/RDS", "AWS/ElastiCache", "AWS/ApplicationELB", "AWS/SQS"],
    )) == 0
    error_message = "the dashboard shows metrics that AWS does not publish by itself"
  }
  assert {
    condition     = alltrue(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for metric in widget.properties.metrics : length(metric) >= 4 && length(metric) % 2 == 0 && alltrue([for part in metric : part != null])] if can(widget.properties.stat)]))
    error_message = "a metric has a dimension without a value"
  }
  assert {
    condition     = toset(flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[3]] if try(widget.properties.title, "") == "Messages that wait"])) == toset(["tidewatch-test-objects", "tidewatch-test-objects-dead-letters", "tidewatch-test-undelivered"])
    error_message = "the dashboard misses a queue"
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms) == 4
    error_message = "the dashboard misses an alarm"
  }
}

run "dashboard_of_kafka_alone" {
  command = plan

  variables {
    dead_letter_queue_names = []
    dashboard               = { broker_ids = [] }
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget if widget.type == "text"]) == 0
    error_message = "the dashboard has headings without graphs"
  }
}

run "refuses_a_name_that_ends_the_query" {
  command = plan

  variables {
    kafka = { cluster_name = "x' OR Topic != '" }
  }

  expect_failures = [var.kafka]
}

run "refuses_silence_shorter_than_a_replacement" {
  command = plan

  variables {
    kafka = { cluster_name = "tidewatch-test", silence_seconds_max = 60 }
  }

  expect_failures = [var.kafka]
}
