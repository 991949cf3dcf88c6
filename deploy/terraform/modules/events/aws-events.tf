# EKS and MSK say what is wrong with them by AWS Health, and EKS's nodes by Auto Scaling. ElastiCache announces its nodes to SNS topics alone,
# and not to encrypted ones: its failovers are seen on the dashboard.
locals {
  all_aws_events = {
    health = {
      description = "AWS has a problem in a service that this account uses"
      topic       = "incidents"
      pattern = {
        source        = ["aws.health"]
        "detail-type" = ["AWS Health Event"]
        detail        = { eventTypeCategory = ["issue", "investigation"] }
      }
    }
    health-changes = {
      description = "AWS announces maintenance, or the end of a version"
      topic       = "changes"
      pattern = {
        source        = ["aws.health"]
        "detail-type" = ["AWS Health Event"]
        detail        = { eventTypeCategory = ["scheduledChange", "accountNotification"] }
      }
    }
    database = {
      description = "A database fails, fails over, in its region or to another, or is nearly full"
      topic       = "incidents"
      pattern = {
        source        = ["aws.rds"]
        "detail-type" = ["RDS DB Instance Event", "RDS DB Cluster Event"]
        detail        = { EventCategories = ["failure", "failover", "global-failover", "low storage"] }
      }
    }
    database-changes = {
      description = "A database is changed or maintained"
      topic       = "changes"
      pattern = {
        source        = ["aws.rds"]
        "detail-type" = ["RDS DB Instance Event", "RDS DB Cluster Event"]
        detail        = { EventCategories = ["configuration change", "maintenance", "recovery"] }
      }
    }
    nodes = {
      description = "Nodes of the cluster can't be started"
      topic       = "incidents"
      pattern = {
        source        = ["aws.autoscaling"]
        "detail-type" = ["EC2 Instance Launch Unsuccessful"]
      }
    }
    spot = {
      description = "A spot node is taken away in two minutes"
      topic       = "changes"
      pattern = {
        source        = ["aws.ec2"]
        "detail-type" = ["EC2 Spot Instance Interruption Warning"]
      }
    }
    ecs-deployment = {
      description = "A deployment on ECS fails"
      topic       = "incidents"
      pattern = {
        source        = ["aws.ecs"]
        "detail-type" = ["ECS Deployment State Change"]
        detail        = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
      }
    }
    codedeploy = {
      description = "A blue/green deployment fails, or is stopped and taken back"
      topic       = "incidents"
      pattern = {
        source        = ["aws.codedeploy"]
        "detail-type" = ["CodeDeploy Deployment State-change Notification"]
        detail        = { state = ["FAILURE", "STOP"] }
      }
    }
    certificate = {
      description = "A certificate is about to expire, so its renewal has failed"
      topic       = "incidents"
      pattern = {
        source        = ["aws.acm"]
        "detail-type" = ["ACM Certificate Approaching Expiration"]
      }
    }
    backup = {
      description = "A backup, its copy, or a restore fails"
      topic       = "incidents"
      pattern = {
        source        = ["aws.backup"]
        "detail-type" = ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]
        detail = {
          "$or" = [
            { state = ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"] },
            { status = ["FAILED", "ABORTED"] },
          ]
        }
      }
    }
  }

  aws_events = { for name, event in local.all_aws_events : name => event if var.aws_events == null || contains(coalesce(var.aws_events, []), name) }
}
