from aws_cdk import Duration, RemovalPolicy, aws_kms as kms, aws_sns as sns, aws_sns_subscriptions as subscriptions, aws_sqs as sqs
from constructs import Construct

# The queue's own: six times what the function that reads it may take.
DELIVER_SECONDS = 90


class Pipeline(Construct):
    """From a transition that was read to the function that sends it: an ordered topic, its queue, and where what fails is kept.

    The topic is there for others too: a queue that subscribes to it, with a filter by severity, status or service, gets the same.
    """

    def __init__(self, scope, settings, key):
        super().__init__(scope, "Pipeline")
        name = f"{settings.name}-alert-feed"
        # By its ARN: else the CDK lets SNS use the key for whatever account. The stack says for which.
        self._key = kms.Key.from_key_arn(self, "Key", key.key_arn)

        # Records of the topic that are no alerts, with their places. They have no order.
        self.rejected = self._queue("Rejected", f"{name}-rejected", retention_period=Duration.days(14))
        self.dead = self._queue("Dead", f"{name}-dead.fifo", fifo=True, retention_period=Duration.days(14))
        self.undelivered = self._queue("Undelivered", f"{name}-undelivered.fifo", fifo=True, retention_period=Duration.days(14))
        self.deliveries = self._queue(
            "Deliveries", f"{name}-deliveries.fifo", fifo=True, retention_period=Duration.days(4),
            visibility_timeout=Duration.seconds(6 * DELIVER_SECONDS),
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP, fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            # With the pauses of deliver, of up to five minutes, an outage of an hour loses nothing.
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=20))
        self.transitions = sns.Topic(
            self, "Transitions", topic_name=f"{name}-transitions.fifo", display_name="Transitions of alerts", fifo=True, master_key=key,
            fifo_throughput_scope=sns.FifoThroughputScope.MESSAGE_GROUP, enforce_ssl=True)
        self.transitions.add_subscription(subscriptions.SqsSubscription(
            self.deliveries, raw_message_delivery=True, dead_letter_queue=self.undelivered))

    def _queue(self, id, name, **more):
        return sqs.Queue(
            self, id, queue_name=name, encryption=sqs.QueueEncryption.KMS, encryption_master_key=self._key,
            data_key_reuse=Duration.minutes(5), enforce_ssl=True, removal_policy=RemovalPolicy.RETAIN, **more)
