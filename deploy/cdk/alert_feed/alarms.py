from aws_cdk import Duration, aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_sns as sns
from constructs import Construct

from .api import STAGE

_MINUTE = Duration.minutes(1)


class Alarms(Construct):
    """What somebody has to look at; README.md says what to do."""

    def __init__(self, scope, settings, pipeline, functions, api):
        super().__init__(scope, "Alarms")
        self._prefix = f"{settings.name}-alert-feed"
        self._action = actions.SnsAction(sns.Topic.from_topic_arn(self, "Topic", settings.alarmTopicArn))
        for name, queue, text in [
            ("rejected", pipeline.rejected, "Records of the topic can't be read"),
            ("dead", pipeline.dead, "Transitions could not be sent in twenty attempts"),
            ("undelivered", pipeline.undelivered, "SNS could not hand transitions to their queue"),
        ]:
            self._alarm(name, text, queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"), above=0)
        self._alarm("late", "A transition has waited for a minute to be sent",
                    pipeline.deliveries.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"), above=60, minutes=3)
        for function in functions.values():
            short = function.name.removeprefix(self._prefix + "-")
            self._alarm(f"{short}-errors", f"The function {short} fails", function.function.metric_errors(period=_MINUTE), above=0, minutes=3)
            self._alarm(f"{short}-throttles", f"The function {short} is at its bound of executions",
                        function.function.metric_throttles(period=_MINUTE), above=0, minutes=3)
        self._alarm("lag", "The feed is a minute behind its topic", self._metric(
            "AWS/Kafka", "EstimatedMaxTimeLag", "Maximum",
            {"Cluster Name": settings.mskClusterArn.split("/")[1], "Consumer Group": settings.consumerGroup, "Topic": settings.topic}),
            above=60, minutes=3)
        self._alarm("integration", "API Gateway gets no right answer from a function", self._metric(
            "AWS/ApiGateway", "IntegrationError", "Sum", {"ApiId": api.api.api_id, "Stage": STAGE}), above=0, minutes=3)
        own = {"Feed": settings.name}
        self._alarm("slow", "Many clients take nothing, and were closed",
                    self._metric("Tidewatch/AlertFeed", "ConnectionsClosedSlow", "Sum", own), above=10, minutes=3)
        self._alarm("refused", "Connections are refused: too many, or wrong filters",
                    self._metric("Tidewatch/AlertFeed", "ConnectionsRefused", "Sum", own), above=10, minutes=3)

    def _metric(self, namespace, name, statistic, dimensions):
        return cloudwatch.Metric(
            namespace=namespace, metric_name=name, statistic=statistic, period=_MINUTE, dimensions_map=dimensions)

    def _alarm(self, name, text, metric, above, minutes=1):
        alarm = cloudwatch.Alarm(
            self, name, alarm_name=f"{self._prefix}-{name}", alarm_description=text, metric=metric, threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD, evaluation_periods=minutes,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING)
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
