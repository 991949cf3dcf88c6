"""What must be there when a module has been applied, asked of AWS's interfaces rather than of Terraform's state."""

import base64
import json

ACCOUNT = "123456789012"


def kms(client, outputs):
    keys = client("kms")
    expect(set(outputs["key_ids"]) == {"data", "logs", "audit", "secrets"}, "there is no key for each purpose")
    for purpose, key in outputs["key_ids"].items():
        expect(keys.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], f"the key of {purpose} is never changed")
        policy = json.loads(keys.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        for statement in policy["Statement"]:
            anybody = statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"}) and not statement.get("Condition")
            expect(not anybody, f"the key of {purpose} can be used by anybody")
    aliases = {alias["AliasName"]: alias.get("TargetKeyId") for alias in keys.list_aliases()["Aliases"]}
    for purpose, key in outputs["key_ids"].items():
        expect(aliases.get(f"alias/tidewatch-moto-{purpose}") == key, f"the alias of {purpose} is of another key")


def s3(client, outputs):
    buckets = client("s3")
    for purpose, bucket in outputs["bucket_names"].items():
        blocked = buckets.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        expect(len(blocked) == 4 and all(blocked.values()), f"the bucket of {purpose} can be made public")
        rule = buckets.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        used = rule["ApplyServerSideEncryptionByDefault"]
        wanted = "AES256" if purpose == "access" else "aws:kms"
        expect(used["SSEAlgorithm"] == wanted and (wanted == "AES256" or used.get("KMSMasterKeyID")), f"{purpose} is not encrypted with its key")
        expect(buckets.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled" or purpose == "access", f"{purpose} has no versions")
        policy = json.loads(buckets.get_bucket_policy(Bucket=bucket)["Policy"])
        plain = [each for each in policy["Statement"]
                 if each["Effect"] == "Deny" and each.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"]
        expect(plain, f"{purpose} can be read without TLS")
        expect(buckets.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], f"{purpose} is kept without end")
    lock = buckets.get_object_lock_configuration(Bucket=outputs["bucket_names"]["audit"])["ObjectLockConfiguration"]
    kept = lock["Rule"]["DefaultRetention"]
    expect(kept["Mode"] == "COMPLIANCE" and kept["Days"] == 2555, f"audit records can be deleted before 2,555 days: {kept}")


def network(client, outputs):
    ec2 = client("ec2")
    subnets = {each["SubnetId"]: each for each in ec2.describe_subnets(Filters=[vpc(outputs["vpc_id"])])["Subnets"]}
    for tier in ("public", "private", "database"):
        zones = [subnets[subnet]["AvailabilityZone"] for subnet in outputs[f"{tier}_subnet_ids"]]
        expect(zones == ["us-east-1a", "us-east-1b", "us-east-1c"], f"{tier} subnets are in {zones}")
        expect(not any(subnets[subnet]["MapPublicIpOnLaunch"] for subnet in outputs[f"{tier}_subnet_ids"]), f"{tier} subnets give public addresses")
    tables = ec2.describe_route_tables(Filters=[vpc(outputs["vpc_id"])])["RouteTables"]
    for table in tables:
        of = {each.get("SubnetId") for each in table["Associations"]}
        out = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        expect(not (of & set(outputs["database_subnet_ids"]) and out), "a database subnet has a way to the internet")
        if of & set(outputs["private_subnet_ids"]):
            expect(out and "NatGatewayId" in out[0], "a private subnet has no way out by a NAT gateway")
    logs = ec2.describe_flow_logs()["FlowLogs"]
    expect(len(logs) == 1 and logs[0]["ResourceId"] == outputs["vpc_id"] and logs[0]["TrafficType"] == "ALL", "the VPC's traffic is not logged")
    expect(logs and "${flow-direction}" in logs[0]["LogFormat"], "flow logs don't say which way packets go")
    default = ec2.describe_security_groups(Filters=[vpc(outputs["vpc_id"]), {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    expect(not default[0]["IpPermissions"] and not default[0]["IpPermissionsEgress"], "the default security group lets something through")


def security_groups(client, outputs):
    ec2 = client("ec2")
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    ours = [each for each in rules if each["GroupId"] in outputs.values()]
    expect(ours, "the groups have no rules")
    for rule in ours:
        world = rule.get("CidrIpv4") == "0.0.0.0/0" or rule.get("CidrIpv6") == "::/0"
        if not rule["IsEgress"]:
            expect(not world, f"port {rule['FromPort']} is open to the world")
        # Ubuntu's mirrors, from the group that is there for them, speak HTTP alone.
        ports = {443, 80} if rule["GroupId"] == outputs.get("packages_id") else {443}
        expect(not world or rule["FromPort"] == rule["ToPort"] and rule["FromPort"] in ports, f"port {rule['FromPort']} leads to the whole world")
    into = {name: {each["FromPort"] for each in ours if each["GroupId"] == outputs[f"{name}_id"] and not each["IsEgress"]}
            for name in ("postgresql", "redis", "msk")}
    expect(into["postgresql"] == {5432} and into["redis"] == {6379}, f"databases are open on {into}")
    expect({9094, 9096, 9098} <= into["msk"] and 9092 not in into["msk"], f"brokers are open on {sorted(into['msk'])}")


def ecr(client, outputs):
    repositories = client("ecr").describe_repositories()["repositories"]
    expect([each["repositoryName"] for each in repositories] == ["tidewatch-moto/tidewatch"], f"the repositories are {repositories}")
    for each in repositories:
        expect(each["imageTagMutability"].startswith("IMMUTABLE"), "a tag can be moved to another image")
        expect(each["encryptionConfiguration"]["encryptionType"] == "KMS", "images are not encrypted with the key of this estate")
        client("ecr").get_lifecycle_policy(repositoryName=each["repositoryName"])


def iam(client, outputs):
    roles = client("iam")
    expect({"consumer", "gateway", "s3-reader"} <= set(outputs["role_names"]), "a part has no role")
    for part, role in outputs["role_names"].items():
        for statement in roles.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]:
            expect(statement["Principal"] != "*" and statement.get("Condition"), f"anybody may take the role of {part}")
        for name in roles.list_role_policies(RoleName=role)["PolicyNames"]:
            for statement in roles.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]:
                actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
                expect(statement["Effect"] == "Deny" or not any("*" in action for action in actions), f"the role of {part} may do all: {actions}")


def events(client, outputs):
    queues, topics = client("sqs"), client("sns")
    for name, url in outputs["queue_urls"].items():
        about = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        expect(about.get("KmsMasterKeyId"), f"the queue {name} is not encrypted with a key")
        expect(json.loads(about.get("RedrivePolicy", "{}")).get("maxReceiveCount"), f"the queue {name} has no dead letters")
        closed_to_others(json.loads(about["Policy"]), f"the queue {name}")
    for name, arn in outputs["topic_arns"].items():
        expect(topics.get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId"), f"the topic {name} is not encrypted with a key")
    subscribed = {each["Endpoint"] for each in topics.list_subscriptions()["Subscriptions"]}
    expect(subscribed == set(outputs["queue_arns"].values()), f"topics go to {subscribed}")
    rules = [rule for bus in ("default", outputs["bus_name"]) for rule in client("events").list_rules(EventBusName=bus)["Rules"]]
    expect(rules and all(rule["State"] == "ENABLED" for rule in rules), "there are no rules, or they are off")


def telemetry(client, outputs):
    trail = client("cloudtrail").get_trail(Name=outputs["trail_arn"])["Trail"]
    expect(trail["LogFileValidationEnabled"] and trail["IsMultiRegionTrail"] and trail.get("KmsKeyId"), "the trail is unsigned, of one region or not encrypted")
    expect(client("cloudtrail").get_trail_status(Name=outputs["trail_arn"])["IsLogging"], "the trail is off")
    about = client("sqs").get_queue_attributes(QueueUrl=outputs["queue_url"], AttributeNames=["All"])["Attributes"]
    expect(about.get("KmsMasterKeyId") and about.get("RedrivePolicy"), "the queue of new objects is not encrypted, or has no dead letters")
    closed_to_others(json.loads(about["Policy"]), "the queue of new objects")
    buckets = client("s3")
    archive = trail["S3BucketName"]
    for bucket in {archive, archive.replace("-audit-", "-logs-")}:
        told = buckets.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
        expect({each["QueueArn"] for each in told} == {outputs["queue_arn"]}, f"nobody is told of new objects of {bucket}")
    try:
        kept = buckets.get_object_lock_configuration(Bucket=archive)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"]
    except buckets.exceptions.ClientError:
        kept = 0
    expect(kept == 2555, f"the trail's files can be deleted where they lie, in {archive}")


def monitoring(client, outputs):
    topic = client("sns").get_topic_attributes(TopicArn=outputs["topic_arn"])["Attributes"]
    expect(topic.get("KmsMasterKeyId") == outputs["key_arn"], "pages are not encrypted with their key")
    expect(client("kms").get_key_rotation_status(KeyId=outputs["key_arn"])["KeyRotationEnabled"], "the key of pages is never changed")
    for statement in json.loads(topic["Policy"])["Statement"]:
        known = "Service" in statement["Principal"]
        expect(statement["Effect"] == "Deny" or known and statement["Action"] == "sns:Publish", "anybody may page")
    alarms = {each["AlarmName"].removeprefix("tidewatch-moto-"): each for each in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    expect(set(alarms) == {"heartbeat", "lag", "dead-letters-tidewatch-moto-alerts-dead"}, f"the alarms are {sorted(alarms)}")
    expect(alarms["heartbeat"]["TreatMissingData"] == "breaching" and "tidewatch.registers" in alarms["heartbeat"]["Metrics"][0]["Expression"],
           "silence is taken for health")
    expect(alarms["lag"]["Threshold"] == 300 and "tidewatch-evaluators" in alarms["lag"]["Metrics"][0]["Expression"], "lag may grow unseen")
    dead = alarms["dead-letters-tidewatch-moto-alerts-dead"]
    expect(dead["AlarmActions"] == dead["OKActions"] == [outputs["topic_arn"]], "dead letters page nobody")
    subscribed = {each["Endpoint"] for each in client("sns").list_subscriptions()["Subscriptions"]}
    expect(subscribed == {"pages@example.org"}, f"pages go to {subscribed}")
    widgets = json.loads(client("cloudwatch").get_dashboard(DashboardName=outputs["dashboard_name"])["DashboardBody"])["widgets"]
    expect(set(widgets[0]["properties"]["alarms"]) == {each["AlarmArn"] for each in alarms.values()}, "the dashboard shows other alarms")


def redis(client, outputs):
    cache = client("elasticache")
    group = cache.describe_replication_groups(ReplicationGroupId=outputs["id"])["ReplicationGroups"][0]
    expect(group["AtRestEncryptionEnabled"] and group.get("KmsKeyId"), "data lie unencrypted")
    expect(group["TransitEncryptionEnabled"] and group["TransitEncryptionMode"] == "required", "it speaks without TLS")
    expect(group["AutomaticFailover"] == "enabled" and group["MultiAZ"] == "enabled", "no replica takes over")
    expect(group["SnapshotRetentionLimit"] == 7, f"snapshots are kept for {group['SnapshotRetentionLimit']} days")
    groups = log_groups(client)
    told = {each["LogType"]: each["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"] for each in group["LogDeliveryConfigurations"]}
    expect(set(told) == {"slow-log", "engine-log"} and set(told.values()) == set(groups), f"logs go to {told}")
    kept_and_encrypted(groups)
    users = {each["UserId"]: each for each in cache.describe_users()["Users"]}
    closed = users["tidewatch-moto-default"]
    expect(closed["UserName"] == "default" and closed["AccessString"].startswith("off "), "whoever names no user is let in")
    expect(all(users[user]["Authentication"]["Type"] == "iam" for user in outputs["user_ids"].values()), "users sign in by passwords")


def aurora(client, outputs):
    rds = client("rds")
    cluster = rds.describe_db_clusters(DBClusterIdentifier=outputs["cluster_identifier"])["DBClusters"][0]
    expect(cluster["StorageEncrypted"] and cluster.get("KmsKeyId"), "data lie unencrypted")
    expect(cluster["IAMDatabaseAuthenticationEnabled"], "users sign in by passwords alone")
    expect(cluster["BackupRetentionPeriod"] == 35, f"backups are kept for {cluster['BackupRetentionPeriod']} days")
    expect(cluster["EnabledCloudwatchLogsExports"] == ["postgresql"], "the log stays where it is")
    expect(cluster.get("MasterUserSecret", {}).get("KmsKeyId"), "the master user's password is nowhere that AWS keeps it")
    parameters = {each["ParameterName"]: each.get("ParameterValue")
                  for each in rds.describe_db_cluster_parameters(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])["Parameters"]}
    expect(parameters.get("rds.force_ssl") == "1" and parameters.get("ssl_min_protocol_version") == "TLSv1.2", "it speaks without TLS")
    proxy = rds.describe_db_proxies()["DBProxies"][0]
    expect(proxy["RequireTLS"] and all(each["IAMAuth"] == "REQUIRED" for each in proxy["Auth"]), "the proxy takes passwords, or goes without TLS")
    for each in rds.describe_db_instances()["DBInstances"]:
        expect(not each["PubliclyAccessible"], f"{each['DBInstanceIdentifier']} has a public address")
    kept_and_encrypted(log_groups(client))


def ecs_service(client, outputs):
    ecs = client("ecs")
    service = ecs.describe_services(cluster=outputs["cluster_name"], services=[outputs["service_name"]])["services"][0]
    expect(service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED", "tasks have public addresses")
    expect(service["launchType"] == "FARGATE" and service["deploymentController"]["type"] == "CODE_DEPLOY", "the service is not one of Fargate's, blue and green")
    task = ecs.describe_task_definition(taskDefinition=outputs["task_definition_arn"])["taskDefinition"]
    for container in task["containerDefinitions"]:
        name = container["name"]
        expect(container["readonlyRootFilesystem"] and container["linuxParameters"]["capabilities"]["drop"] == ["ALL"], f"{name} may change what it runs from")
        expect("@sha256:" in container["image"], f"the image of {name} is not one by its digest")
    consumer = task["containerDefinitions"][1]
    expect(consumer["user"] == "65532:65532" and not consumer.get("secrets"), "the consumer is root, or is told secrets by its environment")
    balancer = client("elbv2").describe_load_balancers()["LoadBalancers"][0]
    expect(balancer["Scheme"] == "internal", "the load balancer has public addresses")
    for part, arn in outputs["role_arns"].items():
        for statement in client("iam").get_role(RoleName=arn.split("/")[-1])["Role"]["AssumeRolePolicyDocument"]["Statement"]:
            expect(statement["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT, f"another account may take the role of {part}")
    kept_and_encrypted(log_groups(client))


def edge(client, outputs):
    balancers = client("elbv2")
    arn = outputs["load_balancer_arn"]
    set_to = {each["Key"]: each["Value"] for each in balancers.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    expect(set_to["access_logs.s3.enabled"] == "true" and set_to["access_logs.s3.bucket"], "nobody writes down who came")
    expect(set_to["routing.http.drop_invalid_header_fields.enabled"] == "true", "headers that are none are passed on")
    for listener in balancers.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
        expect(listener["Protocol"] == "HTTPS" and listener["Port"] == 443, f"port {listener['Port']} speaks {listener['Protocol']}")
        expect("TLS13" in listener["SslPolicy"], f"the listener takes old TLS: {listener['SslPolicy']}")
        answer = listener["DefaultActions"][0].get("FixedResponseConfig", {})
        expect(answer.get("StatusCode") == "403", "who has no word of the distribution is not refused")
        for rule in balancers.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
            asked = {each["HttpHeaderConfig"]["HttpHeaderName"] for each in rule["Conditions"] if each["Field"] == "http-header"}
            expect(rule["IsDefault"] or "X-Origin-Verify" in asked, f"rule {rule['Priority']} lets in who is not our distribution")
        certificate = client("acm").describe_certificate(CertificateArn=listener["Certificates"][0]["CertificateArn"])["Certificate"]
        expect(set(certificate["SubjectAlternativeNames"]) == {"telemetry.example.org", "origin.telemetry.example.org"} and certificate["Status"] == "ISSUED",
               "the certificate lacks a name that CloudFront asks for")
    for group in balancers.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]:
        expect(group["Protocol"] == group["HealthCheckProtocol"] == "HTTPS", f"{group['TargetGroupName']} is spoken to without TLS")
    alarm = client("cloudwatch").describe_alarms(AlarmNames=[outputs["alarm_name"]])["MetricAlarms"][0]
    expect(len(alarm["AlarmActions"]) == 1 and alarm["TreatMissingData"] == "breaching", "nobody hears that no target is healthy")
    names = client("route53")
    zone = names.list_hosted_zones()["HostedZones"][0]["Id"]
    origin = [each for each in names.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if each["Name"] == "origin.telemetry.example.org."]
    expect(len(origin) == 1 and origin[0].get("Failover") == "PRIMARY" and origin[0].get("HealthCheckId") == outputs["health_check_id"],
           "the origin's name does not fail over")


def edge_global(client, outputs):
    distribution = client("cloudfront").get_distribution(Id=outputs["distribution_id"])["Distribution"]["DistributionConfig"]
    expect(distribution["WebACLId"] == outputs["web_acl_arn"], "there is no firewall before the distribution")
    expect(distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only", "viewers may come without TLS")
    expect(distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021", "viewers may come with old TLS")
    origin = distribution["Origins"]["Items"][0]
    expect(origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only", "the origin is spoken to without TLS")
    expect([each["HeaderName"] for each in origin["CustomHeaders"]["Items"]] == ["X-Origin-Verify"], "the origin can't tell our distribution")
    wall = client("wafv2")
    name, identifier = outputs["web_acl_arn"].split("/")[-2:]
    rules = {each["Name"]: each for each in wall.get_web_acl(Name=name, Scope="CLOUDFRONT", Id=identifier)["WebACL"]["Rules"]}
    expect("Block" in rules["rate"]["Action"] and len(rules) == 4, f"the firewall has the rules {sorted(rules)}")
    logging = wall.get_logging_configuration(ResourceArn=outputs["web_acl_arn"])["LoggingConfiguration"]
    hidden = {each["SingleHeader"]["Name"] for each in logging["RedactedFields"]}
    expect({"authorization", "x-amz-firehose-access-key", "cookie"} <= hidden, f"keys are in the firewall's log: it hides {hidden}")
    groups = log_groups(client)
    expect(set(groups) == set(outputs["log_group_names"].values()), f"logs go to {set(groups)}")
    kept_and_encrypted(groups)
    expect(client("logs").describe_delivery_sources()["deliverySources"], "requests are not logged")
    names = client("route53")
    zone = names.list_hosted_zones()["HostedZones"][0]["Id"]
    there = {each["Type"]: each["AliasTarget"]["DNSName"].rstrip(".") for each in names.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
             if each["Name"] == "telemetry.example.org."}
    expect(there == dict.fromkeys(["A", "AAAA"], outputs["distribution_domain_name"]), f"the name leads to {there}")


def backup(client, outputs):
    backups = client("backup")
    vaults = {each["BackupVaultName"]: each for each in backups.list_backup_vaults()["BackupVaultList"]}
    vault = vaults[outputs["vault_name"]]
    about = client("kms").describe_key(KeyId=vault["EncryptionKeyArn"])["KeyMetadata"]
    expect(about["KeyManager"] == "CUSTOMER" and about["Enabled"], "recovery points are not encrypted with a key of this estate")
    expect(vault["Locked"] and vault["MinRetentionDays"] == 7 and vault["MaxRetentionDays"] == 2555, f"recovery points can be deleted before their time: {vault}")
    expect(vault.get("LockDate"), "an administrator can take the lock away")
    tags = backups.list_tags(ResourceArn=outputs["vault_arn"])["Tags"]
    expect(tags.get("Project") == "tidewatch", f"the vault has the tags {tags}")
    plans = {name: backups.get_backup_plan(BackupPlanId=arn.split(":")[-1])["BackupPlan"]["Rules"] for name, arn in outputs["plan_arns"].items()}
    expect(set(plans) == {"daily", "weekly"} and all(len(rules) == 1 for rules in plans.values()), f"the plans are {sorted(plans)}")
    for name, kept in {"daily": (35, None), "weekly": (2555, 30)}.items():
        rule = plans[name][0]
        expect(rule["TargetBackupVaultName"] == outputs["vault_name"], f"the plan {name} goes to another vault")
        copies = rule.get("CopyActions", [])
        expect([each["DestinationBackupVaultArn"].split(":")[3] for each in copies] == ["us-west-2"], f"the plan {name} has no copy in the second region")
        for each in (rule, *copies):
            days = each["Lifecycle"].get("DeleteAfterDays"), each["Lifecycle"].get("MoveToColdStorageAfterDays")
            expect(days == kept, f"recovery points of the plan {name} are deleted and cold after {days} days")
    expect({"daily": "cron(0 3 * * ? *)", "weekly": "cron(0 5 ? * SUN *)"} == {name: rules[0]["ScheduleExpression"] for name, rules in plans.items()},
           "the plans run at other times")
    for role in client("iam").list_roles()["Roles"]:
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            ours = statement["Principal"] == {"Service": "backup.amazonaws.com"} and statement["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
            expect(ours, f"others than AWS Backup may take the role {role['RoleName']}")


def security(client, outputs):
    detector = client("guardduty").get_detector(DetectorId=outputs["guardduty_detector_id"])
    expect(detector["Status"] == "ENABLED" and detector["FindingPublishingFrequency"] == "FIFTEEN_MINUTES", "GuardDuty is off, or says what it finds after hours")
    config = client("config")
    recorder = config.describe_configuration_recorders()["ConfigurationRecorders"][0]
    expect(recorder["name"] == outputs["config_recorder_name"] and recorder["roleARN"].endswith("/AWSServiceRoleForConfig"), f"the recorder is {recorder}")
    group = recorder["recordingGroup"]
    expect(group["allSupported"] and group["includeGlobalResourceTypes"], "Config does not record all, or leaves out what exists once for all regions")
    expect(config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"], "Config records nothing")
    channel = config.describe_delivery_channels()["DeliveryChannels"][0]
    key = client("kms").describe_key(KeyId=channel["s3KmsKeyArn"])["KeyMetadata"]
    expect(channel["s3BucketName"] == "tidewatch-moto-logs" and key["KeyManager"] == "CUSTOMER", f"Config writes elsewhere, or without a key: {channel}")
    kept = config.describe_retention_configurations()["RetentionConfigurations"]
    expect([each["RetentionPeriodInDays"] for each in kept] == [2555], f"Config keeps what it knows for {kept}")
    rules = {each["ConfigRuleName"].removeprefix("tidewatch-moto-"): each for each in config.describe_config_rules()["ConfigRules"]}
    expect({"tags", "open-ports", "database-encrypted", "kafka-tls", "buckets-private", "volumes-encrypted", "root-mfa"} <= set(rules),
           f"Config has the rules {sorted(rules)}")
    expect(json.loads(rules["open-ports"]["InputParameters"]) == {"authorizedTcpPorts": "443"}, "more than port 443 may be open")
    expect(all(each["ConfigRuleState"] == "ACTIVE" and each["Source"]["Owner"] == "AWS" for each in rules.values()), "a rule is off, or not AWS's")
    scanned = client("inspector2").batch_get_account_status(accountIds=[ACCOUNT])["accounts"][0]["resourceState"]
    on = {name for name, state in scanned.items() if state["status"] == "ENABLED"}
    expect({"ec2", "ecr", "lambda"} <= on, f"Inspector scans {sorted(on)}")
    expect(client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"], "volumes that name no key are not encrypted")
    told = client("events")
    rule = told.describe_rule(Name=outputs["findings_rule_arns"][0].split("/")[-1])
    expect(rule["State"] == "ENABLED" and json.loads(rule["EventPattern"])["source"] == ["aws.securityhub"], f"findings are not waited for: {rule}")
    target = told.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    expect([each["Arn"].split(":")[2] for each in target] == ["sns"] and target[0]["DeadLetterConfig"]["Arn"].endswith(":undelivered"), f"findings go to {target}")


def timescale(client, outputs):
    ec2 = client("ec2")
    instance = ec2.describe_instances(InstanceIds=[outputs["instance_id"]])["Reservations"][0]["Instances"][0]
    associated = [each.get("Association", {}).get("PublicIp") for each in instance["NetworkInterfaces"]]
    expect(not instance.get("PublicIpAddress") and not any(associated), "the instance has a public address")
    expect([each["Groups"][0]["GroupName"] for each in instance["NetworkInterfaces"]] == ["postgresql"], "another security group lets others in")
    asked = instance["MetadataOptions"]
    expect(asked["HttpTokens"] == "required" and asked["HttpPutResponseHopLimit"] == 1, f"credentials can be had without a token, or by more than one hop: {asked}")
    expect(instance["Architecture"] == "arm64" and instance["InstanceType"] == "r7g.large", f"the instance is {instance['InstanceType']}")
    volumes = {each["VolumeId"]: each for each in ec2.describe_volumes()["Volumes"]}
    expect({each["Ebs"]["VolumeId"] for each in instance["BlockDeviceMappings"]} == set(volumes) and len(volumes) == 2, "the instance has other volumes")
    for name, volume in volumes.items():
        expect(volume["Encrypted"], f"the volume {name} is not encrypted")
        key = client("kms").describe_key(KeyId=volume["KmsKeyId"])["KeyMetadata"]
        expect(key["KeyManager"] == "CUSTOMER", f"the volume {name} is not encrypted with the key of this estate")
    data = outputs["volume_ids"][0]
    tags = {each["Key"]: each["Value"] for each in volumes[data]["Tags"]}
    expect(tags.get("Backup") == "true" and volumes[data]["Size"] == 500, f"no backup plan finds the data's volume, which has the tags {tags}")
    stays = {each["Ebs"]["VolumeId"] for each in instance["BlockDeviceMappings"] if not each["Ebs"]["DeleteOnTermination"]}
    expect(stays == {data}, "the data go with the instance")
    script = base64.b64decode(ec2.describe_instance_attribute(InstanceId=outputs["instance_id"], Attribute="userData")["UserData"]["Value"]).decode()
    secrets = client("secretsmanager")
    password = json.loads(secrets.get_secret_value(SecretId=outputs["secret_arn"])["SecretString"])["password"]
    expect(len(password) == 64 and password not in script and outputs["secret_arn"] in script, "the password stands in what the instance is told")
    expect(secrets.describe_secret(SecretId=outputs["secret_arn"]).get("KmsKeyId"), "the secret is not encrypted with a key")
    role = client("iam").get_role_policy(RoleName="tidewatch-moto-timescale", PolicyName="timescale")["PolicyDocument"]["Statement"]
    read = [each["Resource"] for each in role if each["Action"] == "secretsmanager:GetSecretValue"]
    expect(read == [outputs["secret_arn"]], f"the instance reads the secrets {read}")
    kept_and_encrypted(log_groups(client))


def log_groups(client):
    return {each["logGroupName"]: each for each in client("logs").describe_log_groups()["logGroups"]}


def kept_and_encrypted(groups):
    for name, group in groups.items():
        expect(group.get("kmsKeyId") and group.get("retentionInDays") == 365,
               f"the log {name} is not encrypted with a key, or is kept for {group.get('retentionInDays')} days")


def closed_to_others(policy, what):
    for statement in policy["Statement"]:
        service = statement["Effect"] == "Allow" and statement["Principal"] != "*" and "Service" in statement["Principal"]
        expect(statement["Effect"] == "Deny" or service and statement.get("Condition"), f"{what} takes messages of others")


def vpc(identifier):
    return {"Name": "vpc-id", "Values": [identifier]}


class Wrong(Exception):
    """Something in an applied module is not as it was promised."""


def expect(condition, text):
    if not condition:
        raise Wrong(text)


CHECKS = {"kms": kms, "s3": s3, "network": network, "security-groups": security_groups, "ecr": ecr, "iam": iam, "events": events,
          "telemetry": telemetry, "monitoring": monitoring, "redis": redis, "aurora": aurora, "ecs-service": ecs_service, "edge": edge,
          "edge/global": edge_global, "backup": backup, "security": security, "timescale": timescale}
