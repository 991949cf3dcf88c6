"""Records of the alert feed: those that release 0.1.0 wrote, and made ones of today's form, held against the published schemas."""

import base64
import gzip
import json
from pathlib import Path

import jsonschema
import referencing

ROOT = Path(__file__).resolve().parents[3]
RECORDED = ROOT / "Tests/UpgradeFixtures/Recorded/0.1.0"
_HASH = "0123456789abcdef0123456789abcdef"


def key(name="api", kind="page"):
    return f"slo/{name}/{kind}/{_HASH}{_HASH}"


def alert(name="api", status="open", time="2026-11-20T10:05:00Z", severity="critical", service="shop", **more):
    window = {"window": "1h", "burn_rate": 20.5, "good": 10, "total": 20, "bad": 10}
    return {
        "dedup_key": key(name), "status": status, "severity": severity, "summary": f"{name}: the error budget burns", "reason": "10 of 20 bad.",
        "source": service, "component": name, "group": service, "class": "burn_rate", "time": time, "opened_at": "2026-11-20T10:05:00Z",
        "labels": {"objective": name, "alert": "page", "service": service},
        "details": {"target": 0.999, "confidence": 0.999, "factor": 14.4, "long": window, "short": window},
        "links": [], "sources": [], "version": 1, **more}


def record(value, offset=0, partition=0, epoch=None, past=False, open_at=None, topic="tidewatch.alerts"):
    """As Lambda hands over what Kafka has: the key with the epoch behind it, headers as Java's signed bytes."""
    headers = {
        "ce_specversion": "1.0", "ce_id": f"{value['dedup_key']}/{value['time']}/{value['status']}", "ce_source": "/tidewatch",
        "ce_type": "dev.tidewatch.alert.v1", "content-type": "application/json", "ce_time": value["time"]}
    if epoch is not None:
        headers["tidewatch_epoch"] = str(epoch)
    if past:
        headers["tidewatch_past"] = "true"
    if open_at:
        headers["tidewatch_open_at"] = open_at
    if value.get("version") == 1:
        _validate("alert.json", value)
        _validate("headers.json#/$defs/alert", headers)
    return handed_over(
        value["dedup_key"] + ("" if epoch is None else f"/{epoch}"), json.dumps(value).encode(), headers, offset, partition, topic)


def handed_over(key, value, headers, offset, partition, topic="tidewatch.alerts"):
    return {
        "topic": topic, "partition": partition, "offset": offset, "timestamp": 1795860142288, "timestampType": "CREATE_TIME",
        "key": base64.b64encode(key.encode()).decode(), "value": None if value is None else base64.b64encode(value).decode(),
        "headers": [{name: [byte - 256 if byte > 127 else byte for byte in text.encode()]} for name, text in headers.items()]}


def batch(*records):
    by_partition = {}
    for each in records:
        by_partition.setdefault(f"{each['topic']}-{each['partition']}", []).append(each)
    return {"eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:us-east-1:123456789012:cluster/t/u-1", "records": by_partition}


def recorded_feed():
    """All that release 0.1.0 wrote into the topic, and how its alerts stood at last."""
    with gzip.open(RECORDED / "records.ndjson.gz", "rt") as lines:
        written = [json.loads(line) for line in lines if '"topic":"tidewatch.alerts"' in line]
    records = [
        handed_over(each["key"], each["value"].encode(), {h["name"]: h["value"] for h in each["headers"]}, each["offset"], each["partition"])
        for each in written]
    standing = [json.loads(line) for line in (RECORDED / "alerts.ndjson").read_text().splitlines()]
    return records, standing


def _validate(schema, value):
    registry = referencing.Registry(retrieve=lambda uri: referencing.Resource.from_contents(
        json.loads((ROOT / "schemas" / uri.removeprefix("https://tidewatch.dev/schemas/")).read_text())))
    jsonschema.Draft202012Validator({"$ref": f"https://tidewatch.dev/schemas/{schema}"}, registry=registry).validate(value)
