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
  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:us-east-1:123456789012:event-bus/tidewatch-test" }
  }
}

override_resource {
  override_during = plan
  target          = aws_sns_topic.this["incidents"]
  values          = { arn = "arn:aws:sns:us-east-1:123456789012:incidents" }
}

override_resource {
  override_during = plan
  target          = aws_sns_topic.this["changes"]
  values          = { arn = "arn:aws:sns:us-east-1:123456789012:changes" }
}

override_resource {
  override_during = plan
  target          = aws_sqs_queue.this["changes"]
  values          = { arn = "arn:aws:sqs:us-east-1:123456789012:changes", url = "https://sqs.us-east-1.amazonaws.com/123456789012/changes" }
}

override_resource {
  override_during = plan
  target          = aws_sqs_queue.dead_letters["changes"]
  values          = { arn = "arn:aws:sqs:us-east-1:123456789012:dead", url = "https://sqs.us-east-1.amazonaws.com/123456789012/dead" }
}

override_resource {
  override_during = plan
  target          = aws_sqs_queue.undelivered
  values          = { arn = "arn:aws:sqs:us-east-1:123456789012:undelivered", url = "https://sqs.us-east-1.amazonaws.com/123456789012/undelivered" }
}

variables {
  name        = "tidewatch-test"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
}

run "encryption_and_access" {
  command = plan

  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == var.kms_key_arn])
    error_message = "a topic is not encrypted with the key of this estate"
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.this), values(aws_sqs_queue.dead_letters), [aws_sqs_queue.undelivered]) : queue.kms_master_key_id == var.kms_key_arn])
    error_message = "a queue is not encrypted with the key of this estate"
  }
  assert {
    condition     = alltrue([for document in concat(values(data.aws_iam_policy_document.topic), values(data.aws_iam_policy_document.queue), values(data.aws_iam_policy_document.dead_letters), [data.aws_iam_policy_document.undelivered]) : anytrue(flatten([for statement in document.statement : [for condition in statement.condition : statement.effect == "Deny" && condition.variable == "aws:SecureTransport"]]))])
    error_message = "a topic or a queue answers without TLS"
  }
  assert {
    condition     = alltrue([for document in concat(values(data.aws_iam_policy_document.queue), [data.aws_iam_policy_document.undelivered]) : alltrue([for statement in document.statement : anytrue([for condition in statement.condition : condition.variable == "aws:SourceArn" && !contains(condition.values, "*")]) if coalesce(statement.effect, "Allow") == "Allow"])])
    error_message = "rules or topics of other accounts can send to a queue"
  }
  assert {
    condition     = alltrue([for document in values(data.aws_iam_policy_document.topic) : alltrue([for statement in document.statement : alltrue([for principal in statement.principals : principal.type == "Service"]) if coalesce(statement.effect, "Allow") == "Allow"])])
    error_message = "anybody can publish to a topic"
  }
}

run "dead_letters" {
  command = plan

  assert {
    condition     = jsondecode(aws_sqs_queue.this["changes"].redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letters["changes"].arn, maxReceiveCount = 5 }
    error_message = "what nobody could use is handed out for ever, and not set aside"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letters["changes"].redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.this["changes"].arn]
    error_message = "other queues may put their dead letters here"
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : target.dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn])
    error_message = "an event that can't be delivered is lost"
  }
  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.queues : jsondecode(subscription.redrive_policy).deadLetterTargetArn == aws_sqs_queue.undelivered.arn])
    error_message = "a message that a queue does not take is lost"
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.dead_letters), [aws_sqs_queue.undelivered]) : queue.message_retention_seconds == 1209600])
    error_message = "dead letters are gone before somebody has looked at them"
  }
  assert {
    condition     = toset(output.dead_letter_queue_names) == toset(["tidewatch-test-changes-dead-letters", "tidewatch-test-undelivered"])
    error_message = "a queue of dead letters has no alarm, because its name is not given to the monitoring"
  }
}

run "routes" {
  command = plan

  variables {
    rules = {
      pages = { description = "Pages of Tidewatch", pattern = "{\"source\":[\"tidewatch\"]}", topic = "incidents" }
    }
  }

  assert {
    condition     = alltrue([for name, rule in aws_cloudwatch_event_rule.this : (rule.event_bus_name == "default") == contains(keys(local.all_aws_events), name)])
    error_message = "a rule about AWS's services is on a bus where they send nothing"
  }
  assert {
    condition     = alltrue([for name in ["health", "database", "nodes", "ecs-deployment", "codedeploy", "certificate", "backup"] : aws_cloudwatch_event_target.this[name].arn == aws_sns_topic.this["incidents"].arn])
    error_message = "a failure does not go to the topic of incidents"
  }
  assert {
    condition     = alltrue([for name, target in aws_cloudwatch_event_target.this : target.event_bus_name == aws_cloudwatch_event_rule.this[name].event_bus_name && target.role_arn == null])
    error_message = "a target is on another bus than its rule, or takes a role, by which EventBridge may fail to publish to an encrypted topic"
  }
  assert {
    condition     = aws_cloudwatch_event_rule.this["pages"].event_bus_name == "tidewatch-test" && aws_cloudwatch_event_target.this["pages"].arn == aws_sns_topic.this["incidents"].arn
    error_message = "a rule of the estate's own is not on its own bus"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["own"].event_pattern) == { account = ["123456789012"] }
    error_message = "what Tidewatch and its deployments say goes nowhere"
  }
  assert {
    condition     = aws_cloudwatch_event_archive.own.retention_days == 90 && aws_cloudwatch_event_archive.aws[0].retention_days == 90
    error_message = "events are not kept, or for ever"
  }
  assert {
    condition     = length(setsubtract(flatten([for event in local.all_aws_events : event.pattern.source]), jsondecode(aws_cloudwatch_event_archive.aws[0].event_pattern).source)) == 0
    error_message = "the archive misses events that rules are about"
  }
}

run "some_of_the_events" {
  command = plan

  variables {
    aws_events = ["health", "backup"]
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.this)) == toset(["health", "backup", "own"])
    error_message = "there are other rules than were asked for"
  }
}

run "refuses_an_unknown_topic" {
  command = plan

  variables {
    queues = { one = { topics = ["nobody"] } }
  }

  expect_failures = [var.queues]
}

run "refuses_retention_above_the_dead_letters" {
  command = plan

  variables {
    queues = { one = { retention_seconds = 1209600 } }
  }

  expect_failures = [var.queues]
}

run "refuses_an_unknown_event" {
  command = plan

  variables {
    aws_events = ["helth"]
  }

  expect_failures = [var.aws_events]
}

run "refuses_a_pattern_that_is_no_json" {
  command = plan

  variables {
    rules = { pages = { description = "Pages", pattern = "source = tidewatch", topic = "incidents" } }
  }

  expect_failures = [var.rules]
}
