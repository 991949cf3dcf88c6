# Who may do what with which topic, as docs/operations.md and docs/trust.md have it for ACLs. With IAM nothing that is not named is allowed, so
# that nobody needs a Deny.

locals {
  topic_arn = replace(var.kafka.cluster_arn, ":cluster/", ":topic/")
  group_arn = replace(var.kafka.cluster_arn, ":cluster/", ":group/")

  input_arns = [for topic in sort(var.kafka.inputs) : "${local.topic_arn}/${topic}"]
  own_arns   = { for topic in ["registers", "checkpoints", "windows", "alerts", "notifications", "audit", "deadletter"] : topic => "${local.topic_arn}/${var.kafka.prefix}${topic}" }

  connecting = {
    Sid      = "Connect"
    Effect   = "Allow"
    Action   = "kafka-cluster:Connect"
    Resource = var.kafka.cluster_arn
  }

  # Producers are idempotent: what is sent again after an error stands in the topic once.
  writing = {
    Sid      = "ConnectToWrite"
    Effect   = "Allow"
    Action   = ["kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"]
    Resource = var.kafka.cluster_arn
  }

  kafka_consumer = concat(
    [
      local.writing,
      {
        # What it reads back of its own; not audit records and dead letters.
        Sid      = "ReadTopics"
        Effect   = "Allow"
        Action   = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]
        Resource = concat(local.input_arns, [for topic in ["registers", "checkpoints", "windows", "alerts", "notifications"] : local.own_arns[topic]])
      },
      {
        Sid      = "WriteOwnTopics"
        Effect   = "Allow"
        Action   = ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]
        Resource = values(local.own_arns)
      },
      {
        # Counting, evaluating, and each sink of alerts.
        Sid      = "Groups"
        Effect   = "Allow"
        Action   = ["kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"]
        Resource = [for group in ["", "-evaluators", "-pagerduty", "-sink-*"] : "${local.group_arn}/${var.kafka.group}${group}"]
      },
    ],
    var.kafka.create_topics ? [{
      Sid      = "CreateOwnTopics"
      Effect   = "Allow"
      Action   = "kafka-cluster:CreateTopic"
      Resource = values(local.own_arns)
    }] : [],
  )

  # Who delivers telemetry writes the inputs, and reads nothing.
  kafka_telemetry = [
    local.writing,
    {
      Sid      = "WriteInputs"
      Effect   = "Allow"
      Action   = ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]
      Resource = local.input_arns
    },
  ]

  # Who reads reports and alerts has no group: `slo report` and `alerts` read from the beginning.
  kafka_reader = [
    local.connecting,
    {
      Sid      = "ReadWindowsAndAlerts"
      Effect   = "Allow"
      Action   = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]
      Resource = [local.own_arns["windows"], local.own_arns["alerts"]]
    },
  ]
}
