"""Applies the modules that moto carries, asks what is there, looks for drift, destroys, and asks that nothing is left."""

import json
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import boto3

import applied
import folders
from moto_server import Moto

FIXTURES = Path(__file__).parent / "fixtures"
REGION = "us-east-1"

# What moto lacks is taken out of a copy before it is applied: (type of resources, or an attribute of theirs, why).
LEFT_OUT = {
    "s3": [("aws_s3_bucket_logging", "moto refuses access logs but where the policy names the exact prefix")],
    "events": [("aws_sqs_queue_redrive_allow_policy", "moto forgets it, and the provider waits for it without end")],
    "telemetry": [("aws_s3_bucket_logging", "as in s3"), ("aws_sqs_queue_redrive_allow_policy", "as in events")],
    "monitoring": [("aws_cloudwatch_composite_alarm", "PutCompositeAlarm is not implemented; by it heartbeat and lag page")],
    "redis": [("aws_elasticache_parameter_group", "CreateCacheParameterGroup is not implemented"),
              ("aws_elasticache_user_group", "CreateUserGroup is not implemented")],
    "aurora": [("aws_db_proxy_endpoint", "CreateDBProxyEndpoint is not implemented"),
               ("aws_iam_role_policy_attachment", "AttachRolePolicy does not know AWS's own policies"),
               ("aws_rds_cluster_instance.ca_cert_identifier", "the provider sets it by ModifyDBInstance and a restart, and waits for three minutes")],
    "ecs-service": [("aws_appautoscaling_target", "ListTagsForResource of Application Auto Scaling is not implemented"),
                    ("aws_appautoscaling_policy", "it is of a target"),
                    ("aws_codedeploy_deployment_group", "DeleteDeploymentGroup is not implemented"), ("aws_codedeploy_app", "DeleteApplication is not implemented")],
    "backup": [("aws_backup_selection", "CreateBackupSelection answers 500; by it a plan finds what has the tag"),
               ("aws_backup_vault_notifications", "PutBackupVaultNotifications answers 404"),
               ("aws_iam_role_policy_attachment", "as in aurora")],
    "security": [("aws_accessanalyzer_analyzer", "CreateAnalyzer answers 500"),
                 ("aws_securityhub_account", "UpdateSecurityHubConfiguration, which the provider calls after EnableSecurityHub, answers 500"),
                 ("aws_securityhub_standards_subscription", "BatchEnableStandards answers 404"),
                 ("aws_guardduty_detector_feature", "UpdateDetector forgets all features but the last one that it is given, and the provider gives one at a time"),
                 ("aws_ebs_snapshot_block_public_access", "EnableSnapshotBlockPublicAccess answers 500"),
                 ("aws_ebs_default_kms_key", "GetEbsDefaultKmsKeyId answers 500"),
                 ("aws_ec2_instance_metadata_defaults", "ModifyInstanceMetadataDefaults answers 500"),
                 ("aws_s3_account_public_access_block", "the provider asks for PutPublicAccessBlock at 123456789012.127.0.0.1, which is no host")],
    "timescale": [("aws_iam_role_policy_attachment", "as in aurora"),
                  ("aws_instance.monitoring", "MonitorInstances answers 500"),
                  ("aws_ssm_association", "CreateAssociation answers 500; by it the agent is kept running")],
    "edge/global": [("aws_cloudfront_origin_request_policy", "CreateOriginRequestPolicy is not known"),
                    ("aws_cloudfront_response_headers_policy", "CreateResponseHeadersPolicy is not known")],
}
OFF = {
    "telemetry": "the metric stream and its Firehose, by the module's own input: moto has no metric streams",
    "timescale": "Canonical's image, by the module's own input: moto has none in Systems Manager, and PutParameter answers 400, No access to reserved parameter name",
}
# What a plan says has changed although nothing did, by type: attributes that moto does not give back.
FORGOTTEN = {
    "aws_kms_key": {"rotation_period_in_days"},
    "aws_flow_log": {"destination_options", "deliver_cross_account_role", "iam_role_arn"},
    "aws_vpc_security_group_egress_rule": {"description"},
    "aws_vpc_security_group_ingress_rule": {"description"},
    "aws_sqs_queue": {"redrive_policy"},
    "aws_elasticache_replication_group": {"at_rest_encryption_enabled", "subnet_group_name"},  # Asked of its first member, which is the fixture's.
    "aws_rds_cluster": {"scaling_configuration"},
    "aws_rds_cluster_instance": {"performance_insights_enabled", "performance_insights_kms_key_id", "performance_insights_retention_period"},
    "aws_ecs_service": {"availability_zone_rebalancing", "enable_ecs_managed_tags", "health_check_grace_period_seconds"},
    "aws_route53_health_check": {"port", "request_interval"},
    "aws_backup_plan": {"tags_all"},  # It takes the ARN of ListTags from addresses with a slash at their end, such as boto3's.
    "aws_backup_vault": {"tags_all"},
    "aws_cloudfront_distribution": {"default_cache_behavior", "viewer_certificate"},
}
# Collections of moto that keep what was deleted, as AWS does for a time: what is not deleted there is asked for by its state. Of a VPC moto keeps
# the default network ACL, and of a NAT gateway the interface, after they are gone; and a trail, which it deletes by name alone, not by the ARN that
# the provider names. Task definitions are kept by the module itself, for a deployment to go back to,
# and so is a cluster's last snapshot; the default parameters of RDS are moto's, and its map holds all a second time.
KEPT = re.compile(r"^(ec2 \S+ (tags|nat_gateways|vpc_end_points|network_acls|enis)|kms \S+ keys|cloudtrail \S+ trails|"
                  r"ecs \S+ (clusters|services|task_definitions)|rds \S+ (cluster_snapshots|db_parameter_groups|events|resource_map)|"
                  r"route53 \S+ (resource_tags|delegation_sets)|backup \S+ plans|inspector2 \S+ account_status|acm \S+ _idempotency_tokens)$")
# Applied, asked and planned again alone.
NOT_DESTROYED = {
    "redis": "what DeleteReplicationGroup, DeleteUser and DeleteCacheCluster have deleted stays `deleting`, and the provider waits for it without end",
    "timescale": "TerminateInstances leaves the network interface attached, and DetachNetworkInterface answers 400, OperationNotPermitted",
}
NOT_CARRIED = {
    "budgets": "the provider can't read a budget: ListTagsForResource answers 500, as DescribeSubscribersForNotification does, and CreateAnomalyMonitor",
    "eks": "CreateAddon, CreateAccessEntry and CreatePodIdentityAssociation answer 404: nodes would have no network, and nobody a way in",
    "msk": "CreateConfiguration answers 404, and a cluster that CreateClusterV2 makes stays `CREATING`",
}

# A wrong setting, by module: what is written over the module or beside it, and what the same checks must then say.
WRONG = {
    "kms": ('resource "aws_kms_key" "this" {\n  enable_key_rotation     = false\n  rotation_period_in_days = null\n}\n', "is never changed"),
    "s3": ('resource "aws_s3_bucket_public_access_block" "this" {\n  block_public_policy = false\n}\n', "can be made public"),
    "network": ('resource "aws_subnet" "public" {\n  map_public_ip_on_launch = true\n}\n', "give public addresses"),
    "security-groups": ('resource "aws_vpc_security_group_ingress_rule" "twin" {\n  security_group_id = aws_security_group.this["nodes"].id\n'
                        '  ip_protocol       = "tcp"\n  from_port         = 22\n  to_port           = 22\n  cidr_ipv4         = "0.0.0.0/0"\n}\n',
                        "port 22 is open to the world"),
    "ecr": ('resource "aws_ecr_repository" "this" {\n  image_tag_mutability = "MUTABLE"\n}\n', "can be moved to another image"),
    "iam": ('resource "aws_iam_role_policy" "this" {\n  policy = jsonencode({ Version = "2012-10-17", '
            'Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })\n}\n',
            "may do all"),
    "events": ('resource "aws_sqs_queue" "this" {\n  kms_master_key_id       = null\n  sqs_managed_sse_enabled = false\n}\n', "is not encrypted with a key"),
    "telemetry": ('resource "aws_cloudtrail" "this" {\n  enable_log_file_validation = false\n}\n', "the trail is unsigned"),
    "monitoring": ('resource "aws_cloudwatch_metric_alarm" "dead_letters" {\n  alarm_actions = []\n}\n', "dead letters page nobody"),
    "redis": ('resource "aws_elasticache_replication_group" "this" {\n  transit_encryption_mode = "preferred"\n}\n', "it speaks without TLS"),
    "aurora": ('resource "aws_rds_cluster_instance" "this" {\n  publicly_accessible = true\n}\n', "has a public address"),
    "ecs-service": ('resource "aws_ecs_service" "this" {\n  network_configuration {\n    subnets          = var.subnet_ids\n    assign_public_ip = true\n  }\n}\n',
                    "tasks have public addresses"),
    "edge": ('resource "aws_lb_listener" "https" {\n  ssl_policy = "ELBSecurityPolicy-2016-08"\n}\n', "the listener takes old TLS"),
    "edge/global": ('resource "aws_cloudfront_distribution" "this" {\n  web_acl_id = null\n}\n', "there is no firewall"),
    "backup": ('resource "aws_backup_vault_lock_configuration" "this" {\n  changeable_for_days = null\n}\n', "an administrator can take the lock away"),
    "security": ('resource "aws_config_configuration_recorder" "this" {\n  recording_group {\n    all_supported                 = false\n'
                 '    include_global_resource_types = false\n    resource_types                = ["AWS::EC2::Volume"]\n  }\n}\n',
                 "Config does not record all"),
    "timescale": ('resource "aws_instance" "this" {\n  metadata_options {\n    http_endpoint               = "enabled"\n'
                  '    http_tokens                 = "optional"\n    http_put_response_hop_limit = 1\n  }\n}\n',
                  "credentials can be had without a token"),
}


@dataclass
class Outcome:
    name: str
    problems: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    resources: int = 0
    seconds: float = 0


def names():
    return sorted(str(file.relative_to(FIXTURES).with_suffix("")) for file in FIXTURES.rglob("*.tf") if file.stem != "provider")


def check(terraform, root, name, twin=None):
    """One module through its whole life on a server of its own. `twin` is what is done to it: a text written over the module, or "forget"."""
    outcome = Outcome(name)
    started = time.monotonic()
    # A module's lives may run beside one another.
    copy = terraform.scratch / f"moto-{name}-{'forgotten' if twin == 'forget' else 'twin' if twin else 'module'}"
    place = copy / "moto" / name
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("tests", ".terraform", "*.tfstate*", ".terraform.lock.hcl"))
    place.mkdir(parents=True)
    for file in ("provider", name):
        shutil.copy(FIXTURES / f"{file}.tf", place)
    for kind, _ in LEFT_OUT.get(name, []):
        leave_out(copy / "modules", kind)
    if twin and twin != "forget":
        (copy / "modules" / name / ("twin.tf" if '"twin"' in twin else "twin_override.tf")).write_text(twin)
    try:
        with Moto() as moto:
            live(terraform, place, moto, outcome, forget=twin == "forget")
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    outcome.seconds = time.monotonic() - started
    return outcome


def live(terraform, place, moto, outcome, forget):
    environment = moto.environment(REGION)

    def step(*arguments):
        status, output = terraform.run(place, *arguments, environment=environment)
        if status != 0:
            outcome.problems.append(f"terraform {arguments[0]} fails\n{output[-3000:]}")
        return status == 0, output

    def client(service):
        return boto3.client(service, region_name=REGION, endpoint_url=moto.url, aws_access_key_id="moto", aws_secret_access_key="moto")

    if not step("init", "-backend=false")[0] or not step("apply", "-auto-approve")[0]:
        return
    outputs = json.loads(terraform.run(place, "output", "-json", environment=environment)[1])["this"]["value"]
    try:
        applied.CHECKS[outcome.name](client, outputs)
    except applied.Wrong as wrong:
        outcome.problems.append(str(wrong))
        return
    planned, _ = step("plan", "-out=plan")
    if planned:
        changes = json.loads(terraform.run(place, "show", "-json", "plan", environment=environment)[1])
        outcome.problems += [f"a plan right after it changes {each}" for each in drift(changes)]
        outcome.resources = len([each for each in changes["resource_changes"] if each["mode"] == "managed"])
    if outcome.name in NOT_DESTROYED:
        return
    if forget:
        # The last is a key; moto deletes aliases with their key.
        _, listed = step("state", "list")
        step("state", "rm", listed.splitlines()[-1])
    step("destroy", "-auto-approve")
    outcome.problems += [f"after destroy there is still {what}" for what in remaining(moto, client)]


def remaining(moto, client):
    """What a destroy has left, by moto's memory, and by state where that keeps what was deleted."""
    held = moto.left()
    for name, keys in held.items():
        if not KEPT.match(name):
            yield f"in {name}: {', '.join(keys)[:300]}"
    if any(name.startswith("kms ") for name in held):
        for key in client("kms").list_keys()["Keys"]:
            if client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion":
                yield f"the key {key['KeyId']}"
    if any(name.startswith("ec2 ") for name in held):
        ec2 = client("ec2")
        yield from (f"{each['NatGatewayId']}" for each in ec2.describe_nat_gateways()["NatGateways"] if each["State"] != "deleted")
        yield from (f"{each['VpcEndpointId']}" for each in ec2.describe_vpc_endpoints()["VpcEndpoints"] if each["State"] != "deleted")
    if any(name.startswith("backup ") for name in held):
        yield from (f"the backup plan {each['BackupPlanName']}" for each in client("backup").list_backup_plans()["BackupPlansList"])
    if any(name.startswith("inspector2 ") for name in held):
        for account in client("inspector2").batch_get_account_status(accountIds=[applied.ACCOUNT])["accounts"]:
            yield from (f"Inspector for {name}" for name, state in account["resourceState"].items() if state["status"] != "DISABLED")
    if any(name.startswith("ecs ") for name in held):
        ecs = client("ecs")
        for cluster in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]:
            services = ecs.list_services(cluster=cluster["clusterArn"])["serviceArns"]
            there = [cluster, *(ecs.describe_services(cluster=cluster["clusterArn"], services=services)["services"] if services else [])]
            yield from (each.get("serviceArn", each["clusterArn"]) for each in there if each["status"] != "INACTIVE")


def drift(plan):
    """What a plan would change and moto has not just forgotten."""
    for change in plan["resource_changes"]:
        if change["mode"] != "managed" or change["change"]["actions"] == ["no-op"]:
            continue
        before, after = change["change"]["before"] or {}, change["change"]["after"] or {}
        unknown = change["change"]["after_unknown"] or {}
        # What is made anew has all its attributes again: what forces it is named by the plan.
        forcing = {path[0] for path in change["change"].get("replace_paths") or []}
        differs = forcing or {key for key in after if key not in unknown and canonical(before.get(key)) != canonical(after[key])}
        differs = differs - FORGOTTEN.get(change["type"], set())
        forced = "delete" in change["change"]["actions"] and not forcing
        if differs or forced or change["change"]["actions"] == ["create"]:
            yield f"{change['address']}: {', '.join(sorted(differs)) or change['change']['actions']}"


def canonical(value):
    """JSON in a text by what it says, as AWS does."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def leave_out(folder, kind):
    """All resources of a type, and what names them: attributes of one line, and outputs. Of TYPE.ATTRIBUTE the attribute alone."""
    kind, _, attribute = kind.partition(".")
    for file in folder.rglob("*.tf"):
        if attribute:
            file.write_text(re.sub(rf'(^resource "{kind}" "[^"]*" \{{\n(?:(?!^\}}).*\n)*?)^  {attribute} += .*\n', r"\1", file.read_text(), flags=re.M))
            continue
        text = re.sub(rf'^resource "{kind}" "[^"]*" \{{\n.*?^\}}\n', "", file.read_text(), flags=re.M | re.S)
        text = re.sub(r'^output "[^"]*" \{\n.*?^\}\n', lambda output: "" if f"{kind}." in output[0] else output[0], text, flags=re.M | re.S)
        file.write_text(re.sub(rf"^ +\w+ += [^\n{{]*\b{kind}\.[^\n]*\n", "", text, flags=re.M))


def check_twin(terraform, root, name):
    """Whether a wrong setting of this module is found by the checks of what is applied."""
    text, wanted = WRONG[name]
    outcome = check(terraform, root, name, twin=text)
    found = any(wanted in problem for problem in outcome.problems)
    outcome.problems = [] if found else [f"a wrong setting is not found as `{wanted}`: {outcome.problems or 'no problem'}"]
    return outcome


def check_forgotten(terraform, root, name):
    """Whether what a destroy leaves is found: one resource is taken out of the state before it."""
    outcome = check(terraform, root, name, twin="forget")
    found = any("after destroy there is still" in problem for problem in outcome.problems)
    outcome.problems = [] if found else [f"what is left after destroy is not found: {outcome.problems or 'no problem'}"]
    return outcome
