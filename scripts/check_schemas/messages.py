"""Messages read from Kafka: keys, headers and values against schemas/asyncapi.yaml."""

import json
from collections import Counter


def check(schemas, asyncapi, report, path, prefix):
    counts = Counter()
    with report.step(path):
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    counts[check_line(schemas, asyncapi, report, number, json.loads(line), prefix)] += 1
        if not counts:
            report.problem("there is no message")
    report.say("messages: " + ", ".join(f"{count} of {name}" for name, count in sorted(counts.items())))


def check_line(schemas, asyncapi, report, number, message, prefix):
    found = asyncapi.channel(message["topic"], prefix)
    if found is None:
        report.problem(f"line {number}: the topic {message['topic']} has no channel")
        return "unknown topics"
    name, described = found
    value = message["value"]
    if described["contentType"] == "application/json" and isinstance(value, str):
        value = json.loads(value)
    for part, content in [("headers", message["headers"]), ("payload", value)]:
        schema = described[part]["schema"]
        problem = (schemas.problem(schema["$ref"], content) if "$ref" in schema
                   else None if isinstance(content, str) else "expected text")
        if problem:
            report.problem(f"line {number}, {name}, {part}: {problem}")
    problem = KEYS[name](schemas, message, value)
    if problem:
        report.problem(f"line {number}, {name}: {problem}")
    return name


def window_key(schemas, message, value):
    return differs(message, f"{value['name']}/{value['start']}", "ce_id") or \
        (None if message["headers"].get("ce_time") == value["start"] else "ce_time is not the start")


def alert_key(schemas, message, value):
    if message["headers"].get("ce_time") != value["time"]:
        return "ce_time is not the time"
    return differs(message, value["dedup_key"])


def audit_key(schemas, message, value):
    return None if message["key"] in (None, "") else f"the key is {message['key']}, expected none"


def dead_letter_key(schemas, message, value):
    position = message["headers"].get("tidewatch_position", "null")
    return schemas.problem("common.json#/$defs/kafkaPosition", json.loads(position)) or differs(message, position)


KEYS = {"windows": window_key, "alerts": alert_key, "audit": audit_key, "deadletter": dead_letter_key}


def differs(message, expected, header=None):
    if message["key"] != expected:
        return f"the key is {message['key']}, expected {expected}"
    if header and message["headers"].get(header) != expected:
        return f"{header} is {message['headers'].get(header)}, expected {expected}"
    return None
