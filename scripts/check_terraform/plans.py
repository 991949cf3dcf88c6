"""Plans each environment with the real provider against moto, and judges all that is planned, whatever module it comes from."""

import json
import shutil
import time
from dataclasses import dataclass, field

from moto_server import Moto

TAGS = {"Project", "Environment", "Owner", "CostCenter", "ManagedBy"}
# By environment: its region, zones with work, zones with subnets alone, and NAT gateways.
PLACES = {
    "dev": ("us-east-1", "a", "b", 1),
    "staging": ("us-east-1", "ab", "", 1),
    "uat": ("us-east-1", "abc", "", 1),
    "prod": ("us-east-1", "abc", "", 3),
    "prod-dr": ("us-west-2", "abc", "", 3),
}
# What keeps data: the arguments of which one is set or true where it is encrypted, by type.
ENCRYPTED = {
    "aws_backup_vault": ["kms_key_arn"], "aws_cloudtrail": ["kms_key_id"], "aws_cloudwatch_log_group": ["kms_key_id"],
    "aws_dynamodb_table": ["server_side_encryption"], "aws_ebs_volume": ["encrypted"], "aws_efs_file_system": ["encrypted"],
    "aws_elasticache_replication_group": ["at_rest_encryption_enabled"], "aws_elasticache_serverless_cache": ["kms_key_id"],
    "aws_rds_cluster": ["storage_encrypted"], "aws_rds_global_cluster": ["storage_encrypted"], "aws_db_instance": ["storage_encrypted"],
    "aws_secretsmanager_secret": ["kms_key_id"], "aws_sns_topic": ["kms_master_key_id"],
    "aws_sqs_queue": ["kms_master_key_id", "sqs_managed_sse_enabled"], "aws_ecr_repository": ["encryption_configuration"],
    "aws_eks_cluster": ["encryption_config"],
}
# What bootstrap asks of each role that a workflow makes.
BOUNDARY = ":policy/tidewatch-ci-boundary"
# Ubuntu's mirrors speak HTTP alone; a group of its own leads there.
MIRRORS = '.aws_vpc_security_group_egress_rule.packages["http"]'
# Mistakes that stand beside an environment, each of which the judgement must find.
TWINS = '''resource "aws_vpc_security_group_ingress_rule" "twin" {
  security_group_id = "sg-00000000"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_ebs_volume" "twin" {
  availability_zone = "us-east-1a"
  size              = 1
  encrypted         = false
}

resource "aws_s3_bucket" "twin" {
  bucket = "twin"
}

resource "aws_subnet" "twin" {
  vpc_id            = "vpc-00000000"
  cidr_block        = "10.255.0.0/24"
  availability_zone = "us-east-1f"
}

resource "aws_subnet" "untagged" {
  provider = aws.untagged

  vpc_id            = "vpc-00000000"
  cidr_block        = "10.254.0.0/24"
  availability_zone = "us-east-1a"
}

provider "aws" {
  alias  = "untagged"
  region = "us-east-1"
}

resource "aws_iam_role" "twin" {
  name               = "tidewatch-dev-twin"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
'''
FOUND = ["aws_vpc_security_group_ingress_rule.twin: open to the world", "aws_ebs_volume.twin: is not encrypted", "aws_s3_bucket.twin: is not encrypted",
         "aws_subnet.twin: is in us-east-1f", "aws_subnet.untagged: has no tag",
         "aws_iam_role.twin: has no boundary"]


@dataclass
class Plan:
    name: str
    problems: list = field(default_factory=list)
    resources: int = 0
    tagged: int = 0
    stores: int = 0
    rules: int = 0
    roles: int = 0
    seconds: float = 0
    twins: bool = False


def names(root):
    return sorted(file.parent.name for file in (root / "environments").glob("*/versions.tf"))


def tagged_types(terraform, place):
    """Types that have tags: the provider's default tags are in their `tags_all`."""
    _, output = terraform.run(place, "providers", "schema", "-json")
    schemas = json.loads(output)["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["resource_schemas"]
    return {name for name, schema in schemas.items() if "tags_all" in schema["block"]["attributes"]}


def check(terraform, root, name, twins=False):
    plan = Plan(name, twins=twins)
    started = time.monotonic()
    copy = terraform.scratch / f"plan-{name}{'-twins' if twins else ''}"
    place = copy / "environments" / name
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("tests", ".terraform", "*.tfstate*", ".terraform.lock.hcl"))
    # The state's bucket is an account's.
    (place / "local_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    if twins:
        (place / "twins.tf").write_text(TWINS)
    try:
        with Moto() as moto:
            judge_planned(terraform, place, moto, plan)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    if twins:
        plan.problems = [f"planted mistakes beside it are not found: {text}" for text in FOUND if not any(text in each for each in plan.problems)]
    plan.seconds = time.monotonic() - started
    return plan


def judge_planned(terraform, place, moto, plan):
    # An image that Canonical alone publishes, and a header that is a secret.
    environment = {**moto.environment(PLACES[plan.name][0]), "TF_VAR_timescale_ami_id": "ami-00000000000000000",
                   "TF_VAR_origin_header": '{"value": "0123456789abcdef0123456789abcdef"}'}
    variables = ["-var-file=terraform.tfvars.example"] if (place / "terraform.tfvars.example").exists() else []
    for arguments in (["init"], ["plan", "-out=plan", *variables]):
        status, output = terraform.run(place, *arguments, environment=environment)
        if status != 0:
            plan.problems.append(f"terraform {arguments[0]} fails\n{output[-4000:]}")
            return
    shown = json.loads(terraform.run(place, "show", "-json", "plan", environment=environment)[1])
    changes = [each for each in shown["resource_changes"] if each["mode"] == "managed"]
    plan.resources = len(changes)
    types = tagged_types(terraform, place)
    plan.problems += [problem for change in changes for problem in judge(change, types, plan)]
    plan.problems += places(plan.name, changes)
    plan.problems += buckets(changes)


def judge(change, types, plan):
    kind, address, after = change["type"], change["address"], change["change"]["after"] or {}
    unknown = change["change"]["after_unknown"]
    if kind in types:
        plan.tagged += 1
        missing = TAGS - set(after.get("tags_all") or {})
        if missing:
            yield f"{address}: has no tag {', '.join(sorted(missing))}"
    if "security_group" in kind:
        plan.rules += 1
        yield from opened(address, kind, after)
    if kind == "aws_iam_role":
        plan.roles += 1
        if not (after.get("permissions_boundary") or "").endswith(BOUNDARY):
            yield f"{address}: has no boundary, {BOUNDARY}: a workflow may make none such"
    if kind in ENCRYPTED:
        plan.stores += 1
        if not any(after.get(key) or unknown.get(key) for key in ENCRYPTED[kind]):
            yield f"{address}: is not encrypted"
    if kind == "aws_msk_cluster":
        plan.stores += 1
        info = (after.get("encryption_info") or [{}])[0]
        moving = (info.get("encryption_in_transit") or [{}])[0]
        if moving.get("client_broker", "TLS") != "TLS" or moving.get("in_cluster") is False:
            yield f"{address}: takes connections without TLS"
    for block in disks(after):
        plan.stores += 1
        if str(block.get("encrypted")).lower() != "true":
            yield f"{address}: has a disk that is not encrypted"


def disks(after):
    """Of instances and launch templates."""
    for name in ("root_block_device", "ebs_block_device"):
        yield from after.get(name) or []
    for mapping in after.get("block_device_mappings") or []:
        yield from mapping.get("ebs") or []


def opened(address, kind, after):
    """Nothing comes in from everywhere, and nothing but TLS goes out to everywhere."""
    rules = [(side, rule) for side in ("ingress", "egress") for rule in after.get(side) or [] if isinstance(rule, dict)]
    rules += [("ingress" if "ingress" in kind or after.get("type") == "ingress" else "egress", after)] if kind.endswith("_rule") else []
    for side, rule in rules:
        addresses = [rule.get("cidr_ipv4"), rule.get("cidr_ipv6"), *(rule.get("cidr_blocks") or []), *(rule.get("ipv6_cidr_blocks") or [])]
        world = any(each and each.endswith("/0") for each in addresses)
        ports = {443, 80} if address.endswith(MIRRORS) else {443}
        allowed = rule.get("from_port") == rule.get("to_port") and rule.get("from_port") in ports
        if world and (side == "ingress" or not allowed):
            yield f"{address}: open to the world, {side} {rule.get('from_port')} to {rule.get('to_port')}"


def places(name, changes):
    region, working, standby, gateways = PLACES[name]
    subnets = [each for each in changes if each["type"] == "aws_subnet"]
    allowed = {region + letter for letter in working + standby}
    for each in subnets:
        zone = each["change"]["after"].get("availability_zone")
        if zone not in allowed:
            yield f"{each['address']}: is in {zone}, not in {', '.join(sorted(allowed))}"
    found = {each["change"]["after"].get("availability_zone") for each in subnets}
    if not allowed <= found:
        yield f"there is no subnet in {', '.join(sorted(allowed - found))}"
    count = len([each for each in changes if each["type"] == "aws_nat_gateway"])
    if count != gateways:
        yield f"there are {count} NAT gateways, not {gateways}"


def buckets(changes):
    """Each bucket has its encryption, and is closed to the public: by the bucket's name where it is known before it is made."""
    for kind, text in (("aws_s3_bucket_server_side_encryption_configuration", "is not encrypted"), ("aws_s3_bucket_public_access_block", "can be made public")):
        covered = [each for each in changes if each["type"] == kind]
        # Names of buckets that don't exist yet are not known: a bucket and what belongs to it have the same key and module.
        keys = {(each.get("module_address"), each.get("index")) for each in covered}
        for bucket in (each for each in changes if each["type"] == "aws_s3_bucket"):
            if (bucket.get("module_address"), bucket.get("index")) not in keys:
                yield f"{bucket['address']}: {text}"
