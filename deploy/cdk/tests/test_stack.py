"""The stack's promises, and for each one mistakes that it must find."""

import copy
import json
from pathlib import Path

import aws_cdk
import promises
import pytest
from alert_feed.asset import FUNCTIONS, function_asset
from alert_feed.settings import InvalidSettings, Settings
from alert_feed.stack import CONTEXT, AlertFeedStack
from aws_cdk.assertions import Template
from feed import store

EXAMPLE = Path(__file__).resolve().parents[1] / "settings.example.json"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    app = aws_cdk.App(context=CONTEXT, outdir=str(tmp_path_factory.mktemp("out")))
    return Template.from_stack(AlertFeedStack(app, Settings.read(EXAMPLE), function_asset()))


@pytest.mark.parametrize("promise", promises.PROMISES, ids=lambda it: it.__name__)
def test_stack_keeps(template, promise):
    promise(template)


class Resources:
    """The template's resources, to plant a mistake in."""

    def __init__(self, template):
        self.all = template["Resources"]

    def of(self, type, name=""):
        found = [each for id, each in self.all.items() if each["Type"] == type and name in id]
        assert found, f"there is no {type} {name} to plant a mistake in"
        return found

    def set(self, type, path, value, name=""):
        it = self.of(type, name)[0]["Properties"]
        *parents, last = path.split(".")
        for each in parents:
            it = it[int(each)] if each.isdigit() else it[each]
        if value is None:
            del it[last]
        else:
            it[last] = value

    def allow(self, name, **statement):
        self.of("AWS::IAM::Policy", name)[0]["Properties"]["PolicyDocument"]["Statement"].append({"Effect": "Allow", **statement})


_LAMBDA, _QUEUE, _CACHE, _USER = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::ElastiCache::ServerlessCache", "AWS::ElastiCache::User"
_MAPPING, _POLICY = "AWS::Lambda::EventSourceMapping", "AWS::SQS::QueuePolicy"
MISTAKES = [
    ("domain_takes_tls_1_2_or_later", lambda it: it.set("AWS::ApiGatewayV2::DomainName", "DomainNameConfigurations.0.SecurityPolicy", "TLS_1_0"), "TLS below 1.2"),
    ("domain_takes_tls_1_2_or_later", lambda it: it.set("AWS::ApiGatewayV2::Api", "DisableExecuteApiEndpoint", None), "another address"),
    ("roles_are_bounded", lambda it: it.set("AWS::IAM::Role", "PermissionsBoundary", None), "has no boundary"),
    ("only_who_signs_connects", lambda it: it.set("AWS::ApiGatewayV2::Route", "AuthorizationType", "NONE", "connectRoute"), "anybody may connect"),
    ("all_that_lies_is_encrypted", lambda it: it.set(_QUEUE, "KmsMasterKeyId", None, "Dead"), "not encrypted"),
    ("all_that_lies_is_encrypted", lambda it: it.set(_CACHE, "KmsKeyId", None), "not encrypted"),
    ("all_that_lies_is_encrypted", lambda it: it.set("AWS::KMS::Key", "EnableKeyRotation", False), "never rotated"),
    ("nothing_moves_without_tls", lambda it: it.set(_POLICY, "PolicyDocument.Statement.0.Effect", "Allow", "Rejected"), "without TLS"),
    ("cache_lets_in_who_signs_by_iam", lambda it: it.set(_USER, "AuthenticationMode", {"Type": "no-password-required"}), "has a password, or none"),
    ("cache_lets_in_who_signs_by_iam", lambda it: it.set(_USER, "AccessString", "on ~* +@all"), "may do everything"),
    ("cache_lets_in_who_signs_by_iam", lambda it: it.set(_CACHE, "UserGroupId", None), "lets everybody in"),
    ("dead_letters_are_kept_and_watched", lambda it: it.set(_QUEUE, "RedrivePolicy", None, "Deliveries"), "tried for ever"),
    ("dead_letters_are_kept_and_watched", lambda it: it.set("AWS::SNS::Subscription", "RedrivePolicy", None), "is lost"),
    ("dead_letters_are_kept_and_watched", lambda it: it.set("AWS::CloudWatch::Alarm", "Threshold", 10, "Alarmsrejected"), "nobody hears"),
    ("dead_letters_are_kept_and_watched", lambda it: it.set(_QUEUE, "MessageRetentionPeriod", 3600, "Undelivered"), "not kept for 14 days"),
    ("order_is_kept", lambda it: it.set("AWS::SNS::Topic", "FifoTopic", None), "keeps no order"),
    ("order_is_kept", lambda it: it.set(_MAPPING, "FunctionResponseTypes", None, "Alerts"), "whole batch again"),
    ("order_is_kept", lambda it: it.set(_MAPPING, "StartingPosition", "LATEST", "Alerts"), "never known"),
    ("order_is_kept", lambda it: it.set(_MAPPING, "MaximumRetryAttempts", 3, "Alerts"), "passed over"),
    ("alarms_reach_somebody", lambda it: it.set("AWS::CloudWatch::Alarm", "AlarmActions", [], "Alarmslag"), "reaches nobody"),
    ("alarms_reach_somebody", lambda it: it.set("AWS::CloudWatch::Alarm", "MetricName", "Duration", "Alarmsdelivererrors"), "nobody hears of its Errors"),
    ("functions_are_traced_bounded_and_logged", lambda it: it.set(_LAMBDA, "TracingConfig", None, "Deliver"), "X-Ray does not see it"),
    ("functions_are_traced_bounded_and_logged", lambda it: it.set(_LAMBDA, "ReservedConcurrentExecutions", None, "Connect"), "all of the account's"),
    ("functions_are_traced_bounded_and_logged", lambda it: it.set(_LAMBDA, "VpcConfig", None, "Snapshot"), "private subnets"),
    ("functions_are_traced_bounded_and_logged", lambda it: it.set("AWS::Logs::LogGroup", "RetentionInDays", None), "kept for a year"),
    ("way_of_an_alert_scales", lambda it: it.set("AWS::ApplicationAutoScaling::ScalableTarget", "MaxCapacity", 2), "don't follow the load"),
    ("way_of_an_alert_scales", lambda it: it.set(_MAPPING, "FunctionName", {"Ref": "FanoutFunction"}, "Alerts"), "beside its warm"),
    ("policies_name_what_they_touch", lambda it: it.allow("Deliver", Action="sqs:SendMessage", Resource="*"), "sqs:SendMessage on everything"),
    ("policies_name_what_they_touch", lambda it: it.allow("Fanout", Action="kafka-cluster:*", Resource="arn:aws:kafka:::x"), "more than one action"),
    ("policies_name_what_they_touch", lambda it: it.set("AWS::IAM::Role", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]), "managed policy"),
    ("policies_name_what_they_touch", lambda it: it.set("AWS::IAM::Policy", "PolicyDocument.Statement.2.Condition", {}, "Connect"), "change the network"),
    ("key_is_for_this_account", lambda it: it.set("AWS::KMS::Key", "KeyPolicy.Statement.2.Condition", None), "whatever account"),
    ("nobody_comes_in_but_to_the_cache", lambda it: it.set("AWS::EC2::SecurityGroupIngress", "ToPort", 65535), "somebody comes in"),
    ("nobody_comes_in_but_to_the_cache", lambda it: it.set("AWS::EC2::SecurityGroupEgress", "ToPort", 65535, "NetworkPollers"), "another port"),
    ("everything_is_tagged", lambda it: it.set(_QUEUE, "Tags", None, "Rejected"), "the tag CostCenter is not there"),
    ("everything_is_tagged", lambda it: it.set("AWS::ApiGatewayV2::Stage", "Tags.Owner", None), "the tag Owner is not there"),
    ("what_holds_data_outlives_the_stack", lambda it: it.of("AWS::KMS::Key")[0].update(DeletionPolicy="Delete"), "deleted with the stack"),
]


@pytest.mark.parametrize("promise, plant, words", MISTAKES, ids=[f"{name}-{words.replace(' ', '-')}" for name, _, words in MISTAKES])
def test_promise_finds(template, promise, plant, words):
    broken = copy.deepcopy(template.to_json())
    plant(Resources(broken))
    with pytest.raises(AssertionError) as error:
        getattr(promises, promise)(Template.from_json(broken))
    assert words in str(error.value)


def test_every_promise_has_a_mistake():
    assert {name for name, _, _ in MISTAKES} == {each.__name__ for each in promises.PROMISES}


def test_cache_rights_are_of_the_keys_that_the_functions_use(template):
    reachable = {key.split("~", 1)[1].rstrip("*") for it in template.find_resources(_USER).values() for key in it["Properties"]["AccessString"].split()
                 if "~" in key}
    assert reachable == {store.CONNECTIONS, store.FILTERS, store.REVISIONS, store.OPEN, store.CHANGED, store.ASKED, store.SENT}


def test_handlers_are_in_the_package(template):
    for it in template.find_resources(_LAMBDA).values():
        _, module, handler = it["Properties"]["Handler"].split(".")
        assert f"\ndef {handler}(event, context):" in (FUNCTIONS / "feed" / f"{module}.py").read_text()


def test_environment_has_all_that_the_functions_read(template):
    """Of each function what its own module reads, and those that it shares."""
    shared = {"FEED_NAME", "FEED_CACHE_NAME", "FEED_CACHE_HOST", "FEED_CACHE_PORT", "FEED_CACHE_USER"}
    for it in template.find_resources(_LAMBDA).values():
        module = it["Properties"]["Handler"].split(".")[1]
        text = (FUNCTIONS / "feed" / f"{module}.py").read_text()
        wanted = shared | {part.split('"')[0] for part in text.split('os.environ["')[1:]}
        if "environment.connections()" in text:
            wanted.add("FEED_CONNECTIONS_ENDPOINT")
        assert set(it["Properties"]["Environment"]["Variables"]) == wanted, module


@pytest.mark.parametrize("change, words", [
    (lambda it: it.pop("domainName"), "domainName is missing"),
    (lambda it: it.update(regoin="x"), "there is no setting regoin"),
    (lambda it: it.update(vpcId="subnet-1"), "vpcId is 'subnet-1', expected the form"),
    (lambda it: it.update(subnetIds=["subnet-0", 7, "subnet-x"]), "subnetIds is 7, expected the form"),
    (lambda it: it.update(availabilityZones=["us-east-1", "us-east-1b", "us-east-1c"]), "availabilityZones is 'us-east-1', expected the form"),
    (lambda it: it.update(connectionsMax=0), "connectionsMax is 0, expected 1 to 5000"),
    (lambda it: it.update(connectionsMax="1"), "expected an integer"),
    (lambda it: it.update(subnetIds=["subnet-1"]), "as many, and two at least"),
])
def test_wrong_settings_are_refused_with_what_is_wanted(tmp_path, change, words):
    settings = json.loads(EXAMPLE.read_text())
    change(settings)
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(settings))
    with pytest.raises(InvalidSettings) as error:
        Settings.read(path)
    assert words in str(error.value) and str(path) in str(error.value)


def test_all_problems_of_settings_are_told_at_once(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text("{}")
    with pytest.raises(InvalidSettings) as error:
        Settings.read(path)
    assert str(error.value).count(" is missing") == 14
