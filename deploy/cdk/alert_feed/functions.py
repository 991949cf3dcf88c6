from aws_cdk import ArnFormat, RemovalPolicy, Stack, aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda_, aws_logs as logs
from constructs import Construct

WARM = 2


class Function(Construct):
    """A function of the feed, with a role, a log group and an upper bound of its own.

    Those on the way of an alert are kept warm (`is_warm`): a cold start in a VPC takes longer than all the rest of the way. Their
    provisioned concurrency follows the load up to the bound. The others start when a client comes, and the bound is all they have.
    """

    def __init__(self, scope, id, *, settings, asset, network, cache, user, key, timeout, environment=None, is_warm=False):
        super().__init__(scope, id)
        module = id.lower()
        self.name = f"{settings.name}-alert-feed-{module}"
        self.log_group = logs.LogGroup(
            self, "Log", log_group_name=f"/aws/lambda/{self.name}", encryption_key=key,
            retention=logs.RetentionDays[_retention(settings.logRetentionDays)], removal_policy=RemovalPolicy.RETAIN)
        self.role = iam.Role(self, "Role", role_name=self.name, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        arn = Stack.of(self).format_arn(service="lambda", resource="function", resource_name=self.name, arn_format=ArnFormat.COLON_RESOURCE_NAME)
        self._allow_running(arn, cache, user, key)
        self.function = lambda_.Function(
            self, "Function", function_name=self.name, role=self.role, runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64, code=lambda_.Code.from_asset(asset), handler=f"feed.{module}.handler",
            timeout=timeout, memory_size=512, tracing=lambda_.Tracing.ACTIVE, environment_encryption=key, log_group=self.log_group,
            vpc=network.vpc, vpc_subnets=ec2.SubnetSelection(subnets=network.vpc.private_subnets), security_groups=[network.functions],
            reserved_concurrent_executions=settings.concurrencyMax,
            environment={
                "FEED_NAME": settings.name, "FEED_CACHE_NAME": cache.name, "FEED_CACHE_HOST": cache.host, "FEED_CACHE_PORT": cache.port,
                "FEED_CACHE_USER": cache.user_name(user), **(environment or {})})
        self.target = self.function
        if is_warm:
            self.target = lambda_.Alias(
                self, "Live", alias_name="live", version=self.function.current_version, provisioned_concurrent_executions=WARM)
            scaling = self.target.add_auto_scaling(min_capacity=WARM, max_capacity=settings.concurrencyMax)
            scaling.scale_on_utilization(utilization_target=0.7)

    def allow(self, *actions, on, sid=None, **more):
        self.role.add_to_policy(iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(on), **more))

    def _allow_running(self, arn, cache, user, key):
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[self.log_group.log_group_arn])
        # These have no resource that could be named, and Lambda wants them of the role. The function itself is denied them.
        network = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
                   "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
        self.allow(*network, on=["*"], sid="LambdaAttachesToTheVpc")
        self.allow(*network, on=["*"], sid="TheFunctionDoesNot", effect=iam.Effect.DENY,
                   conditions={"ArnEquals": {"lambda:SourceFunctionArn": arn}})
        self.allow("elasticache:Connect", on=[cache.arn, cache.user_arn(user)])
        self.allow("kms:Decrypt", on=[key.key_arn])


def _retention(days):
    """CloudWatch knows certain numbers of days alone: the next one that is enough."""
    known = {
        1: "ONE_DAY", 7: "ONE_WEEK", 30: "ONE_MONTH", 90: "THREE_MONTHS", 180: "SIX_MONTHS", 365: "ONE_YEAR", 731: "TWO_YEARS",
        1827: "FIVE_YEARS", 3653: "TEN_YEARS"}
    return known[min(each for each in known if each >= days)]
