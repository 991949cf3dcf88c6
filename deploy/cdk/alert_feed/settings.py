"""What an estate tells the feed: ids that Terraform's outputs have, a domain, and sizes."""

import json
import re
from dataclasses import dataclass, fields


class InvalidSettings(Exception):
    pass


_PATTERNS = {
    "name": r"[a-z][a-z0-9-]{1,23}",
    "account": r"[0-9]{12}",
    "region": r"[a-z]{2}(-[a-z]+)+-[0-9]",
    "vpcId": r"vpc-[0-9a-f]+",
    "subnetIds": r"subnet-[0-9a-f]+",
    "availabilityZones": r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]",
    "mskClusterArn": r"arn:[a-z-]+:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[^/]+/[^/]+",
    "mskSecurityGroupId": r"sg-[0-9a-f]+",
    "domainName": r"([a-z0-9-]+\.)+[a-z]+",
    "hostedZoneId": r"Z[0-9A-Z]+",
    "hostedZoneName": r"([a-z0-9-]+\.)+[a-z]+",
    "alarmTopicArn": r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+",
    "rolesBoundary": r"[A-Za-z0-9+=,.@_-]+",
}
_RANGES = {"connectionsMax": (1, 5000), "logRetentionDays": (1, 3653), "concurrencyMax": (2, 100)}


@dataclass(frozen=True)
class Settings:
    # Prefix of all names, such as tidewatch-prod.
    name: str
    account: str
    region: str
    vpcId: str
    # Private ones with a way out (NAT), one in each zone.
    subnetIds: list
    availabilityZones: list
    mskClusterArn: str
    # The brokers' group, by which the event pollers come too.
    mskSecurityGroupId: str
    # Where clients connect: wss://DOMAIN.
    domainName: str
    hostedZoneId: str
    hostedZoneName: str
    # SNS topic that the alarms go to, such as the module monitoring's.
    alarmTopicArn: str
    owner: str
    costCenter: str
    topic: str = "tidewatch.alerts"
    # Kafka's group. Another name reads the topic from its beginning, which fills a cache that was lost.
    consumerGroup: str = "tidewatch-alert-feed"
    connectionsMax: int = 1000
    # Executions at once of each function; two of them are kept warm.
    concurrencyMax: int = 10
    logRetentionDays: int = 365
    # Policy that bounds each role of the feed (permissions boundary), by its name: terraform/bootstrap makes it.
    rolesBoundary: str = "tidewatch-ci-boundary"

    @classmethod
    def read(cls, path):
        try:
            given = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise InvalidSettings(f"{path}: {error}; settings.example.json shows what is wanted") from error
        problems = list(cls._problems(given))
        if problems:
            raise InvalidSettings("\n".join(f"{path}: {each}" for each in problems))
        return cls(**given)

    @classmethod
    def _problems(cls, given):
        if not isinstance(given, dict):
            yield "an object is wanted"
            return
        known = {each.name: each for each in fields(cls)}
        for name in sorted(set(given) - set(known)):
            yield f"there is no setting {name}"
        for name, field in known.items():
            if name not in given:
                if field.default is field.default_factory:
                    yield f"{name} is missing"
                continue
            value = given[name]
            if type(value) is not field.type or value in ("", []):
                yield f"{name} is {value!r}, expected {'one or more of ' if field.type is list else 'an ' if field.type is int else 'a '}" \
                      f"{ {list: 'texts', int: 'integer', str: 'text'}[field.type] }"
            elif name in _PATTERNS:
                for each in value if field.type is list else [value]:
                    if not isinstance(each, str) or not re.fullmatch(_PATTERNS[name], each):
                        yield f"{name} is {each!r}, expected the form {_PATTERNS[name]}"
            elif name in _RANGES and not _RANGES[name][0] <= value <= _RANGES[name][1]:
                yield f"{name} is {value}, expected {_RANGES[name][0]} to {_RANGES[name][1]}"
        if isinstance(given.get("subnetIds"), list) and isinstance(given.get("availabilityZones"), list):
            if len(given["subnetIds"]) != len(given["availabilityZones"]) or len(given["subnetIds"]) < 2:
                yield "subnetIds and availabilityZones are as many, and two at least: one subnet in each zone"
