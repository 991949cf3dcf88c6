# A heading and its graphs for each part that the inputs name, from left to right, as CloudWatch lays out what has no place of its own.
locals {
  brokers = [for broker in var.dashboard.broker_ids : { "Cluster Name" = var.kafka.cluster_name, "Broker ID" = broker }]
  lags    = "SCHEMA(\"AWS/Kafka\", \"Cluster Name\", \"Consumer Group\", Topic)"

  # Graphs of Metrics Insights, because topics and groups come and go.
  queries = {
    "Lag, seconds"           = "SELECT MAX(EstimatedMaxTimeLag) FROM ${local.lags} WHERE ${local.cluster_is} AND ${local.group_is} GROUP BY \"Consumer Group\", Topic"
    "Lag, messages"          = "SELECT MAX(SumOffsetLag) FROM ${local.lags} WHERE ${local.cluster_is} AND ${local.group_is} GROUP BY \"Consumer Group\", Topic"
    "Into topics, bytes/s"   = "SELECT SUM(BytesInPerSec) FROM \"AWS/Kafka\" WHERE ${local.cluster_is} GROUP BY Topic"
    "Out of topics, bytes/s" = "SELECT SUM(BytesOutPerSec) FROM \"AWS/Kafka\" WHERE ${local.cluster_is} GROUP BY Topic"
  }

  database = [{ DBClusterIdentifier = var.dashboard.aurora_cluster_id }]
  nodes    = [for id in var.dashboard.redis_cluster_ids : { CacheClusterId = id }]
  balancer = [{ LoadBalancer = var.dashboard.load_balancer }]
  queues   = [for name in sort(setunion(var.dashboard.queue_names, var.dead_letter_queue_names)) : { QueueName = name }]

  rows = {
    "1 Brokers" = {
      shown     = length(local.brokers) > 0
      namespace = "AWS/Kafka"
      graphs = [
        { title = "Disk used, percent", stat = "Maximum", names = ["KafkaDataLogsDiskUsed"], of = local.brokers },
        { title = "CPU, percent", stat = "Average", names = ["CpuUser", "CpuSystem"], of = local.brokers },
        { title = "Partitions short of replicas", stat = "Maximum", names = ["UnderReplicatedPartitions"], of = local.brokers },
        { title = "Partitions without a leader", stat = "Maximum", names = ["OfflinePartitionsCount"], of = [{ "Cluster Name" = var.kafka.cluster_name }] },
      ]
    }
    "2 EKS" = {
      shown     = var.dashboard.eks_cluster_name != null
      namespace = "AWS/EKS"
      graphs = [
        { title = "Pods that find no node", stat = "Maximum", names = ["scheduler_pending_pods_UNSCHEDULABLE"], of = [{ ClusterName = var.dashboard.eks_cluster_name }] },
        { title = "Requests to the API, and errors", stat = "Sum", names = ["apiserver_request_total", "apiserver_request_total_5XX"], of = [{ ClusterName = var.dashboard.eks_cluster_name }] },
      ]
    }
    "3 Aurora" = {
      shown     = var.dashboard.aurora_cluster_id != null
      namespace = "AWS/RDS"
      graphs = [
        { title = "CPU, percent", stat = "Maximum", names = ["CPUUtilization"], of = local.database },
        { title = "Connections", stat = "Maximum", names = ["DatabaseConnections"], of = local.database },
        { title = "Lag of readers, milliseconds", stat = "Maximum", names = ["AuroraReplicaLagMaximum"], of = local.database },
        { title = "Memory that is free, bytes", stat = "Minimum", names = ["FreeableMemory"], of = local.database },
      ]
    }
    "4 Redis" = {
      shown     = length(local.nodes) > 0
      namespace = "AWS/ElastiCache"
      graphs = [
        { title = "Memory used, percent", stat = "Maximum", names = ["DatabaseMemoryUsagePercentage"], of = local.nodes },
        { title = "CPU of the engine, percent", stat = "Maximum", names = ["EngineCPUUtilization"], of = local.nodes },
        { title = "Keys thrown out", stat = "Sum", names = ["Evictions"], of = local.nodes },
        { title = "Lag of replicas, seconds", stat = "Maximum", names = ["ReplicationLag"], of = local.nodes },
      ]
    }
    "5 Load balancer" = {
      shown     = var.dashboard.load_balancer != null
      namespace = "AWS/ApplicationELB"
      graphs = concat([
        { title = "Requests", stat = "Sum", names = ["RequestCount"], of = local.balancer },
        { title = "Errors", stat = "Sum", names = ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"], of = local.balancer },
        { title = "Time of the slowest hundredth, seconds", stat = "p99", names = ["TargetResponseTime"], of = local.balancer },
        ], var.dashboard.target_group == null ? [] : [
        { title = "Targets that are not healthy", stat = "Maximum", names = ["UnHealthyHostCount"], of = [{ TargetGroup = var.dashboard.target_group, LoadBalancer = var.dashboard.load_balancer }] },
      ])
    }
    "6 Queues" = {
      shown     = length(local.queues) > 0
      namespace = "AWS/SQS"
      graphs = [
        { title = "Messages that wait", stat = "Maximum", names = ["ApproximateNumberOfMessagesVisible"], of = local.queues },
        { title = "Age of the oldest, seconds", stat = "Maximum", names = ["ApproximateAgeOfOldestMessage"], of = local.queues },
      ]
    }
  }

  alarm_arns = concat(
    [aws_cloudwatch_metric_alarm.heartbeat.arn, aws_cloudwatch_metric_alarm.lag.arn],
    [for alarm in aws_cloudwatch_metric_alarm.dead_letters : alarm.arn],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "alarm", width = 24, height = 3, properties = { title = "Alarms", alarms = local.alarm_arns } }],
      [for title, query in local.queries : {
        type   = "metric"
        width  = 12
        height = 6
        properties = {
          title   = title
          region  = local.region
          view    = "timeSeries"
          period  = 60
          metrics = [[{ expression = query, id = "q" }]]
        }
      }],
      concat([], [for heading, row in local.rows : concat(
        [{ type = "text", width = 24, height = 1, properties = { markdown = "## ${substr(heading, 2, -1)}" } }],
        [for graph in row.graphs : {
          type   = "metric"
          width  = 6
          height = 6
          properties = {
            title  = graph.title
            region = local.region
            view   = "timeSeries"
            period = 60
            stat   = graph.stat
            metrics = concat([for dimensions in graph.of : [
              for name in graph.names : concat([row.namespace, name], flatten([for key, value in dimensions : [key, value]]))
            ]]...)
          }
        }],
      ) if row.shown]...),
    )
  })
}
