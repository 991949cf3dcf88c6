"""Audit records: which calls have one, and what it says."""

import json

from inputs import call, BEGIN
from rows import Row, run

PEOPLE = ',"userIdentity":{"type":"IdentityCenterUser","accountId":"1","onBehalfOf":{"userId":"u-1","identityStoreArn":"a"}}'
VERIFICATION = (',"readOnly":false,"serviceEventDetails":{"CredentialVerification":"Failure"},'
                '"additionalEventData":{"UserName":"alice","CredentialType":"PASSWORD"}')
CREATION = (',"vpcEndpointId":"vpce-1","requestParameters":{"userName":"bob"},'
            '"responseElements":{"user":{"userName":"bob","userId":"AIDAEXAMPLE"}}')


def audit(describe):
    """What `describe` says of each record."""
    def look(folder, data):
        run(folder, "replay", "--outputs", "audit", "--out", "out", "-", data=data)
        with open(f"{folder}/out/audit.ndjson", encoding="utf-8") as file:
            return "; ".join(describe(json.loads(line)["record"]) for line in file)
    return "replay --outputs audit --out out -", look


def kind(record):
    return f"{record['class_uid']} {record['status']}"


def content(record):
    api = record["api"]
    has = [name for name in ("request", "response") if api.get(name, {}).get("data")]
    return f"{record['user']['name']}, {', '.join(has)}, {record['src_endpoint'].get('uid')}"


def event(source, name, more=""):
    return call(BEGIN, name, source, name, more=more)


ROWS = [
    Row("writes without readOnly", *audit(kind),
        event("cloudtrail", "StopLogging") + event("iam", "CreateUser") + event("cloudtrail", "DeleteTrail"),
        "6003 Success; 3001 Success; 6003 Success"),
    Row("a write whose readOnly is null, false as text, a number", *audit(kind), "".join(
        event("cloudtrail", name, f',"readOnly":{value}')
        for name, value in [("StopLogging", "null"), ("DeleteTrail", '"false"'), ("UpdateTrail", "0")]),
        "6003 Success; 6003 Success; 6003 Success"),
    Row("a service's event", *audit(kind), event("kms", "RotateKey", ',"eventType":"AwsServiceEvent"'), "6003 Success"),
    Row("failures by errorMessage alone, and with an empty errorCode", *audit(kind),
        event("iam", "GetUser", ',"readOnly":true,"errorMessage":"Denied"')
        + event("iam", "GetRole", ',"readOnly":true,"errorCode":"","errorMessage":"Denied"'), "6003 Failure; 6003 Failure"),
    Row("reads that need no record", *audit(kind),
        event("iam", "GetUser", ',"readOnly":true,"errorCode":"","errorMessage":""') + event("ec2", "DescribeInstances"), ""),
    Row("secrets and roles that are taken", *audit(kind),
        event("secretsmanager", "GetSecretValue", ',"readOnly":true') + event("sts", "AssumeRole", ',"readOnly":true'),
        "6003 Success; 6003 Success"),
    Row("a user that is created", *audit(content), event("iam", "CreateUser", CREATION), "bob, request, response, vpce-1"),
    Row("a failed verification of Identity Center's", *audit(lambda record: f"{kind(record)} {record['user']['name']}"),
        event("signin", "CredentialVerification", VERIFICATION + PEOPLE), "3002 Failure alice"),
]
TESTS = []
