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
    if value is None:
        # Compaction takes away what other records have replaced, or what is long over; nothing else may vanish.
        if name not in ("windows", "alerts", "notifications"):
            report.problem(f"line {number}, {name}: there is no value")
        return f"{name} taken away"
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


def register_key(schemas, message, value):
    return differs(message, f"{value['source']['topic']}/{value['source']['partition']}")


def checkpoint_key(schemas, message, value):
    if message["headers"].get("ce_id") != message["key"]:
        return "ce_id is not the key"
    if value["kind"] == "evaluator":
        return differs(message, f"evaluator/{value['shard']}/{value['epoch']}")
    if value["kind"] == "alerts":
        slot = value["sequence"] % 2
        return differs(message, f"alerts/{value['shard']}/{value['epoch']}/{slot}/{value['part']}")
    before, after = f"monitor/{value['monitor']}/", f"/{value['epoch']}"
    key = message["key"]
    if not key.startswith(before) or not key.endswith(after):
        return f"the key is {key}, expected {before}…{after}"
    group = json.loads(key[len(before):-len(after)])
    return None if group == value["state"]["group"] else f"the key's group is {group}"


def window_key(schemas, message, value):
    identity = f"{value['name']}/{value['start']}"
    if "known" in value:
        identity += "/" + day_of(value["slice"])
    if "definition" in value:
        identity += "/" + value["definition"]
    key = identity + (f"/{value['epoch']}" if "epoch" in value else "")
    if message["headers"].get("ce_id") != identity:
        return f"ce_id is {message['headers'].get('ce_id')}, expected {identity}"
    return differs(message, key) or \
        (None if message["headers"].get("ce_time") == value["start"] else "ce_time is not the start")


def day_of(length):
    """The length of a folded block, of 24 lengths, as a whole number of the largest unit."""
    units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    seconds = 24 * int(length[:-1]) * dict(units)[length[-1]]
    return next(f"{seconds // size}{unit}" for unit, size in units if seconds % size == 0)


def alert_key(schemas, message, value):
    if message["headers"].get("ce_time") != value["time"]:
        return "ce_time is not the time"
    parts = [value["dedup_key"], value["time"], value["status"], message["headers"].get("tidewatch_open_at")]
    identity = "/".join(part for part in parts if part)
    if message["headers"].get("ce_id") != identity:
        return f"ce_id is {message['headers'].get('ce_id')}, expected {identity}"
    if message["key"] == value["dedup_key"]:
        return None
    return differs(message, f"{value['dedup_key']}/{message['headers'].get('tidewatch_epoch')}")


def notification_key(schemas, message, value):
    expected = f"{value['sink']}/{value['partition']}/{value['writer']}/{value['dedup_key']}"
    if message["headers"].get("ce_time") != value["time"]:
        return "ce_time is not the time"
    return differs(message, expected)


def audit_key(schemas, message, value):
    position = value["position"]
    source = f"{position['topic']}/{position['partition']}"
    identity = f"{source}/{position['offset']}#{position['record']}"
    if message["headers"].get("ce_id") != identity:
        return f"ce_id is {message['headers'].get('ce_id')}, expected {identity}"
    return differs(message, source)


def dead_letter_key(schemas, message, value):
    position = message["headers"].get("tidewatch_position", "null")
    return schemas.problem("common.json#/$defs/kafkaPosition", json.loads(position)) or differs(message, position)


KEYS = {
    "registers": register_key, "checkpoints": checkpoint_key, "windows": window_key, "alerts": alert_key,
    "notifications": notification_key,
    "audit": audit_key, "deadletter": dead_letter_key,
}


def differs(message, expected, header=None):
    if message["key"] != expected:
        return f"the key is {message['key']}, expected {expected}"
    if header and message["headers"].get(header) != expected:
        return f"{header} is {message['headers'].get(header)}, expected {expected}"
    return None
