from aws_cdk import ArnFormat, CfnOutput, Duration, Environment, RemovalPolicy, Stack, Tags, aws_iam as iam, aws_kms as kms, aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources

from .alarms import Alarms
from .api import FeedApi
from .cache import FeedCache
from .functions import Function
from .network import Network
from .pipeline import DELIVER_SECONDS, Pipeline

# Here and not in cdk.json, which the cdk command alone reads: the template is the same without it.
CONTEXT = {"@aws-cdk/aws-iam:minimizePolicies": True, "@aws-cdk/core:target-partitions": ["aws", "aws-us-gov"]}


class AlertFeedStack(Stack):
    """tidewatch.alerts → fanout → SNS → SQS → deliver → API Gateway → clients."""

    def __init__(self, app, settings, asset):
        super().__init__(
            app, "AlertFeed", stack_name=f"{settings.name}-alert-feed", termination_protection=True,
            description="Tidewatch: the real-time alert feed", env=Environment(account=settings.account, region=settings.region))
        for tag, value in {
            "Project": "tidewatch", "Environment": settings.name.removeprefix("tidewatch-"), "Owner": settings.owner,
            "CostCenter": settings.costCenter, "ManagedBy": "cdk",
        }.items():
            Tags.of(self).add(tag, value)

        # Without it CDK's role, which bears it as well, may make none.
        iam.PermissionsBoundary.of(self).apply(iam.ManagedPolicy.from_managed_policy_name(self, "Boundary", settings.rolesBoundary))

        key = self._key(settings)
        network = Network(self, settings)
        cache = FeedCache(self, settings, network.vpc, key)
        network.join(cache)
        pipeline = Pipeline(self, settings, key)

        endpoint = {"FEED_CONNECTIONS_ENDPOINT": f"https://{settings.domainName}"}
        shared = {"settings": settings, "asset": asset, "network": network, "cache": cache, "key": key}
        # API Gateway waits for 29 s at most.
        answer = Duration.seconds(29)
        functions = {
            "Connect": Function(self, "Connect", user="members", timeout=Duration.seconds(10), **shared,
                                environment={"FEED_CONNECTIONS_MAX": str(settings.connectionsMax)}),
            "Disconnect": Function(self, "Disconnect", user="members", timeout=Duration.seconds(10), **shared),
            "Snapshot": Function(self, "Snapshot", user="sender", timeout=answer, environment=endpoint, **shared),
            "Fanout": Function(self, "Fanout", user="writer", timeout=Duration.seconds(120), is_warm=True, **shared, environment={
                "FEED_TOPIC_ARN": pipeline.transitions.topic_arn, "FEED_REJECTED_URL": pipeline.rejected.queue_url}),
            "Deliver": Function(self, "Deliver", user="sender", timeout=Duration.seconds(DELIVER_SECONDS), is_warm=True,
                                environment={**endpoint, "FEED_DELIVERIES_URL": pipeline.deliveries.queue_url}, **shared),
        }
        api = FeedApi(self, settings, functions, key)
        self._read_topic(settings, functions["Fanout"])
        functions["Fanout"].allow("sns:Publish", on=[pipeline.transitions.topic_arn])
        functions["Fanout"].allow("sqs:SendMessage", on=[pipeline.rejected.queue_arn])
        functions["Fanout"].allow("kms:GenerateDataKey", on=[key.key_arn])
        functions["Deliver"].target.add_event_source(sources.SqsEventSource(
            pipeline.deliveries, batch_size=10, report_batch_item_failures=True, max_concurrency=settings.concurrencyMax))
        for sender in ("Deliver", "Snapshot"):
            api.allow_sending(functions[sender])
        Alarms(self, settings, pipeline, functions, api)

        CfnOutput(self, "Address", value=f"wss://{settings.domainName}", description="Where clients connect")
        CfnOutput(self, "ReadersPolicy", value=api.readers_policy(settings).managed_policy_arn, description="For who may connect")
        CfnOutput(self, "TransitionsTopic", value=pipeline.transitions.topic_arn, description="For queues of one's own")

    def _key(self, settings):
        key = kms.Key(self, "Key", alias=f"alias/{settings.name}-alert-feed", description="The alert feed: queues, topic, cache, logs",
                      enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
        group = self.format_arn(service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME)
        key.add_to_resource_policy(iam.PolicyStatement(
            sid="LogGroupsOfThisAccount", principals=[iam.ServicePrincipal(f"logs.{settings.region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": group}}))
        key.add_to_resource_policy(iam.PolicyStatement(
            sid="TopicsOfThisAccount", principals=[iam.ServicePrincipal("sns.amazonaws.com")],
            actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": settings.account}}))
        return key

    def _read_topic(self, settings, function):
        """Reads on for ever where cache or topic is away: a record that was passed over would leave an alert open that is not.

        Nothing is sent to a dead letter queue by Lambda itself, which would put an end to that: what can't be read the function rejects.
        """
        cluster = settings.mskClusterArn
        of_cluster = {kind: cluster.replace(":cluster/", f":{kind}/") for kind in ("topic", "group")}
        function.allow("kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", on=[cluster])
        function.allow("kafka-cluster:Connect", on=[cluster])
        function.allow("kafka-cluster:DescribeTopic", "kafka-cluster:ReadData", on=[f"{of_cluster['topic']}/{settings.topic}"])
        function.allow("kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup", on=[f"{of_cluster['group']}/{settings.consumerGroup}"])
        # Lambda's pollers attach to the brokers' network in the name of this role.
        function.allow("ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", on=["*"], sid="PollersAttachToTheBrokers")
        mapping = lambda_.CfnEventSourceMapping(
            self, "Alerts", function_name=function.target.function_arn, event_source_arn=cluster, topics=[settings.topic],
            amazon_managed_kafka_event_source_config={"consumerGroupId": settings.consumerGroup},
            # What is open now may have been opened long ago.
            starting_position="TRIM_HORIZON", batch_size=100, function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=-1, maximum_record_age_in_seconds=-1,
            # Partial answers are for provisioned pollers alone; one takes 5 MB/s, and they follow the load.
            provisioned_poller_config={"minimumPollers": 1, "maximumPollers": 4})
        mapping.node.add_dependency(function.role)
