"""What the stack promises, each as a function of the template that says what is wrong."""

from aws_cdk.assertions import Match, Template

# Actions that AWS allows on no single resource, and why each is there. All else names what it may touch.
ARGUED_WILDCARDS = {
    "xray:PutTraceSegments", "xray:PutTelemetryRecords",  # X-Ray has no resource for segments.
    # Lambda wants these of a role that is in a VPC; each role denies them to the function itself.
    "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
    "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs",  # Of the event pollers.
}
TAGS = {"Project": "tidewatch", "Environment": "prod", "Owner": "platform", "CostCenter": "observability", "ManagedBy": "cdk"}
# Of the types in use, those that CloudFormation can't tag.
UNTAGGED = {
    "AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::IntegrationResponse", "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::RouteResponse", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::KMS::Alias",
    "AWS::Lambda::Alias", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Route53::RecordSet", "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::CDK::Metadata"}
FUNCTIONS = ("connect", "deliver", "disconnect", "fanout", "snapshot")


def _all(template, type):
    return {name: each.get("Properties", {}) for name, each in template.to_json()["Resources"].items() if each["Type"] == type}


def _each(template, type, holds, wrong):
    found = _all(template, type)
    assert found, f"there is no {type}"
    for name, properties in found.items():
        assert holds(properties), f"{name}: {wrong}"


def domain_takes_tls_1_2_or_later(template):
    _each(template, "AWS::ApiGatewayV2::DomainName",
          lambda it: all(each.get("SecurityPolicy") == "TLS_1_2" for each in it["DomainNameConfigurations"]), "TLS below 1.2 is taken")
    _each(template, "AWS::ApiGatewayV2::Api", lambda it: it.get("DisableExecuteApiEndpoint") is True,
          "the API answers by another address than its domain")


def only_who_signs_connects(template):
    routes = {each["RouteKey"]: each.get("AuthorizationType") for each in _all(template, "AWS::ApiGatewayV2::Route").values()}
    assert set(routes) == {"$connect", "$disconnect", "snapshot", "$default"}, f"the routes are {sorted(routes)}"
    assert routes["$connect"] == "AWS_IAM", "anybody may connect to the feed"
    template.has_resource_properties("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": [{
        "Action": "execute-api:Invoke", "Effect": "Allow",
        "Resource": {"Fn::Join": ["", Match.array_with([Match.string_like_regexp("/live/\\$connect$")])]}}]}})


def all_that_lies_is_encrypted(template):
    for type, name in [("AWS::SQS::Queue", "KmsMasterKeyId"), ("AWS::SNS::Topic", "KmsMasterKeyId"), ("AWS::Logs::LogGroup", "KmsKeyId"),
                       ("AWS::ElastiCache::ServerlessCache", "KmsKeyId"), ("AWS::Lambda::Function", "KmsKeyArn")]:
        _each(template, type, lambda it, name=name: it.get(name), "it is not encrypted with the feed's key")
    _each(template, "AWS::KMS::Key", lambda it: it.get("EnableKeyRotation") is True, "the key is never rotated")


def nothing_moves_without_tls(template):
    policies = {**_all(template, "AWS::SQS::QueuePolicy"), **_all(template, "AWS::SNS::TopicPolicy")}
    covered = [each["Ref"] for it in policies.values() for each in it.get("Queues", []) + it.get("Topics", [])
               if any(statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
                      for statement in it["PolicyDocument"]["Statement"])]
    for name in [*_all(template, "AWS::SQS::Queue"), *_all(template, "AWS::SNS::Topic")]:
        assert name in covered, f"{name}: it takes messages without TLS"


def cache_lets_in_who_signs_by_iam(template):
    _each(template, "AWS::ElastiCache::User", lambda it: it["AuthenticationMode"] == {"Type": "iam"}, "a user of the cache has a password, or none")
    _each(template, "AWS::ElastiCache::User", lambda it: "-@all" in it["AccessString"] and "+@all" not in it["AccessString"]
          and "allkeys" not in it["AccessString"] and "~*" not in it["AccessString"].split(), "a user of the cache may do everything")
    _each(template, "AWS::ElastiCache::ServerlessCache", lambda it: it.get("UserGroupId"), "the cache lets everybody in")
    _each(template, "AWS::ElastiCache::ServerlessCache", lambda it: it.get("CacheUsageLimits", {}).get("DataStorage"), "the cache's bill has no bound")


def dead_letters_are_kept_and_watched(template):
    queues = _all(template, "AWS::SQS::Queue")
    main = [name for name, it in queues.items() if str(it["QueueName"]).endswith("-deliveries.fifo")]
    assert len(main) == 1 and queues[main[0]].get("RedrivePolicy"), "what can't be sent is tried for ever: the queue has no dead letters"
    dead = queues[main[0]]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    _each(template, "AWS::SNS::Subscription", lambda it: it.get("RedrivePolicy"), "what SNS can't hand over is lost: the subscription has no dead letters")
    undelivered = [it["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for it in _all(template, "AWS::SNS::Subscription").values()]
    rejected = [name for name, it in queues.items() if str(it["QueueName"]).endswith("-rejected")]
    watched = {
        value["Fn::GetAtt"][0] for it in _all(template, "AWS::CloudWatch::Alarm").values() for value in
        (each["Value"] for each in it["Dimensions"] if it["MetricName"] == "ApproximateNumberOfMessagesVisible" and each["Name"] == "QueueName")
        if it["Threshold"] == 0}
    for name in [dead, *undelivered, *rejected]:
        assert name in watched, f"{name}: nobody hears of dead letters there"
        assert queues[name].get("MessageRetentionPeriod") == 14 * 86400, f"{name}: dead letters are not kept for 14 days"


def order_is_kept(template):
    _each(template, "AWS::SNS::Topic", lambda it: it.get("FifoTopic") is True, "the topic keeps no order")
    template.has_resource_properties("AWS::SQS::Queue", {"QueueName": Match.string_like_regexp("-deliveries.fifo$"), "FifoQueue": True})
    functions = _all(template, "AWS::Lambda::EventSourceMapping")
    for name, it in functions.items():
        assert it.get("FunctionResponseTypes") == ["ReportBatchItemFailures"], f"{name}: one failure sends the whole batch again"
    kafka = [it for it in functions.values() if "Topics" in it]
    assert len(kafka) == 1 and kafka[0]["Topics"] == ["tidewatch.alerts"], "the alerts' topic is not read once"
    assert kafka[0].get("StartingPosition") == "TRIM_HORIZON", "what opened before the feed was made is never known"
    assert kafka[0].get("MaximumRetryAttempts") == -1 and kafka[0].get("MaximumRecordAgeInSeconds") == -1 and "DestinationConfig" not in kafka[0], \
        "records are passed over when the cache is away for long"
    assert kafka[0].get("ProvisionedPollerConfig"), "Lambda takes partial answers of provisioned pollers alone"


def alarms_reach_somebody(template):
    _each(template, "AWS::CloudWatch::Alarm", lambda it: it.get("AlarmActions") and it.get("OKActions"), "the alarm reaches nobody")
    watched = {(it["MetricName"], str(each["Value"])) for it in _all(template, "AWS::CloudWatch::Alarm").values() for each in it.get("Dimensions", [])}
    for function in _all(template, "AWS::Lambda::Function"):
        for metric in ("Errors", "Throttles"):
            assert any(name == metric and function in value for name, value in watched), f"{function}: nobody hears of its {metric}"
    for metric in ("EstimatedMaxTimeLag", "IntegrationError", "ApproximateAgeOfOldestMessage", "ConnectionsClosedSlow"):
        assert any(name == metric for name, _ in watched), f"no alarm looks at {metric}"


def functions_are_traced_bounded_and_logged(template):
    functions = _all(template, "AWS::Lambda::Function")
    assert sorted(it["FunctionName"].rsplit("-", 1)[1] for it in functions.values()) == sorted(FUNCTIONS), f"the functions are {sorted(functions)}"
    for name, it in functions.items():
        assert it.get("TracingConfig") == {"Mode": "Active"}, f"{name}: X-Ray does not see it"
        assert it.get("ReservedConcurrentExecutions"), f"{name}: it may take all of the account's executions"
        assert it.get("VpcConfig", {}).get("SubnetIds"), f"{name}: it is not in the private subnets"
        assert it.get("LoggingConfig", {}).get("LogGroup"), f"{name}: its logs go where nobody bounds their retention"
    _each(template, "AWS::Logs::LogGroup", lambda it: it.get("RetentionInDays") == 365, "logs are not kept for a year")
    stage = _all(template, "AWS::ApiGatewayV2::Stage").values()
    assert all(it.get("AccessLogSettings", {}).get("DestinationArn") for it in stage), "who connected is not logged"
    assert all(it.get("DefaultRouteSettings", {}).get("ThrottlingRateLimit") for it in stage), "messages of clients have no bound"


def way_of_an_alert_scales(template):
    targets = _all(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert len(targets) == 2 and all(it["MinCapacity"] == 2 < it["MaxCapacity"] for it in targets.values()), "fanout and deliver don't follow the load"
    scaled = {it["ScalingTargetId"]["Ref"] for it in _all(template, "AWS::ApplicationAutoScaling::ScalingPolicy").values()}
    assert scaled == set(targets), "a target of scaling has no policy"
    _each(template, "AWS::Lambda::Alias", lambda it: it.get("ProvisionedConcurrencyConfig"), "the way of an alert begins cold")
    for name, it in _all(template, "AWS::Lambda::EventSourceMapping").items():
        assert "Live" in str(it["FunctionName"]), f"{name}: it calls the function beside its warm executions"


def policies_name_what_they_touch(template):
    for type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, it in _all(template, type).items():
            for statement in it["PolicyDocument"]["Statement"]:
                if statement["Effect"] != "Allow":
                    continue
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                for action in actions:
                    assert "*" not in action, f"{name}: {action} is more than one action"
                if "*" in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]):
                    wide = sorted(set(actions) - ARGUED_WILDCARDS)
                    assert not wide, f"{name}: {', '.join(wide)} on everything"
    for name, it in _all(template, "AWS::IAM::Role").items():
        assert not it.get("ManagedPolicyArns"), f"{name}: a managed policy of AWS gives more than is needed"
    denied = [name for name, it in _all(template, "AWS::IAM::Policy").items() if any(
        statement["Effect"] == "Deny" and "lambda:SourceFunctionArn" in str(statement.get("Condition")) for statement in it["PolicyDocument"]["Statement"])]
    assert len(denied) == len(FUNCTIONS), "a function may change the network itself"


def roles_are_bounded(template):
    _each(template, "AWS::IAM::Role", lambda it: str(it.get("PermissionsBoundary")).count(":policy/tidewatch-ci-boundary"),
          "it has no boundary, and a policy could give it anything of the account")


def key_is_for_this_account(template):
    for it in _all(template, "AWS::KMS::Key").values():
        for statement in it["KeyPolicy"]["Statement"]:
            assert "AWS" in statement["Principal"] or statement.get("Condition"), \
                f"the key serves {statement['Principal']['Service']} for whatever account"


def nobody_comes_in_but_to_the_cache(template):
    for it in _all(template, "AWS::EC2::SecurityGroup").values():
        assert not it.get("SecurityGroupIngress") and not it.get("SecurityGroupEgress", []) or _is_no_traffic(it), "a group has rules of its own"
    ingress = _all(template, "AWS::EC2::SecurityGroupIngress")
    assert [(it.get("FromPort"), it.get("ToPort"), "SourceSecurityGroupId" in it) for it in ingress.values()] == [(6379, 6379, True)], \
        "somebody comes in but functions to the cache"
    for name, it in _all(template, "AWS::EC2::SecurityGroupEgress").items():
        assert it.get("CidrIp") in (None, "255.255.255.255/32") or it.get("FromPort") == it.get("ToPort") == 443, f"{name}: out on another port than 443"


def _is_no_traffic(group):
    return all(each.get("CidrIp") == "255.255.255.255/32" for each in group["SecurityGroupEgress"])


def everything_is_tagged(template):
    for name, each in template.to_json()["Resources"].items():
        if each["Type"] in UNTAGGED:
            continue
        tags = each.get("Properties", {}).get("Tags", {})
        if isinstance(tags, list):
            tags = {tag["Key"]: tag["Value"] for tag in tags}
        missing = sorted(TAGS.items() - tags.items())
        assert not missing, f"{name} ({each['Type']}): the tag {missing[0][0]} is not there" if missing else ""


def what_holds_data_outlives_the_stack(template):
    resources = template.to_json()["Resources"]
    for name, each in resources.items():
        if each["Type"] in ("AWS::KMS::Key", "AWS::SQS::Queue", "AWS::Logs::LogGroup"):
            assert each.get("DeletionPolicy") == "Retain", f"{name}: it is deleted with the stack"


PROMISES = [value for name, value in list(globals().items()) if callable(value) and not name.startswith("_") and value not in (Match, Template)]
