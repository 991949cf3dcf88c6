"""What is left for an auditor: which program and which configuration counted, and which calls are recorded."""

import hashlib
import json
import re
import time
import urllib.request

from auditing import ROWS as AUDITING
from inputs import BEGIN, CALLS, call
from kafka import Live
from measures import log
from rows import Row, run

READS = "".join(call(BEGIN + number, f"r-{number}", source, name, more=',"readOnly":true') for number, (source, name) in enumerate(
    [("secretsmanager", "GetSecretValue"), ("sts", "AssumeRole"), ("kms", "Decrypt"), ("ec2", "DescribeInstances")]))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def made_by(folder, data):
    """Where version, commit and the digests of settings and resources stand."""
    now = int(time.time()) - 400
    with Live(folder, CALLS) as live:
        live.send((now * 1000, call(now, "e", "cloudtrail", "DeleteTrail", failing=True)))
        live.start().counted(1)
        commit = re.search(r"\((\w+)", run(folder, "--version").stdout.decode())[1]
        resources = hashlib.sha256(f"{digest(f'{folder}/resources.yaml')}\n".encode()).hexdigest()
        wanted = [commit, digest(f"{folder}/settings.yaml"), resources]
        with urllib.request.urlopen(f"http://127.0.0.1:{live.port}/metrics", timeout=10) as response:
            metrics = response.read().decode()
        audited = b"".join(value for _, value, _ in live.read("tidewatch.audit")).decode()
        places = {"log": log(live), "metrics": metrics, "audit": audited, "report": json.dumps(live.report())}
        return ", ".join(f"{name} {sum(word in text for word in wanted)} of {len(wanted)}" for name, text in places.items())


def selected(folder, data):
    """Reads that the settings ask for."""
    now = int(time.time()) - 400
    with Live(folder, CALLS, more="  audit: {include: 'event.eventName == \"Decrypt\"'}\n") as live:
        live.send((now * 1000, data))
        live.start().counted(4)
        operations = [json.loads(value)["record"]["api"]["operation"] for _, value, _ in live.read("tidewatch.audit")]
        return ", ".join(operations) or log(live)[-200:]


ROWS = [
    Row("which program and configuration counted", "run; slo report --config", made_by, "",
        "log 3 of 3, metrics 3 of 3, audit 3 of 3, report 3 of 3"),
    Row("reads that the settings ask for", "run", selected, READS, "GetSecretValue, AssumeRole, Decrypt"),
    *[row for row in AUDITING if row.name == "secrets and roles that are taken"],
]
TESTS = []
