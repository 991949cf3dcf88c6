"""Tidewatch reads flow logs in the format that the network module asks AWS for.

The sample's first line is the list of fields: the module's own test holds it against the flow log's format. Here the binary decodes the sample,
and knows each field by name: what it doesn't know it keeps as text, and no filter could count it.
"""

import json
import subprocess
import tempfile
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "deploy/terraform/modules/network/tests/flow-log.txt"

ROLLUP = """\
apiVersion: tidewatch/v1
kind: Rollup
metadata: {{name: every-field}}
spec:
  source: VPCFlow
  window: 1m
  filter: {filter}
  measures:
    - {{name: flows, count: true}}
"""


def main(binary, sample=SAMPLE):
    """What is wrong, one text for each; none when all fields are read and known."""
    header, *lines = sample.read_text().splitlines()
    fields = [name.replace("-", "_") for name in header.split()]
    decoded = subprocess.run([binary, "decode", "--strict", sample], capture_output=True, text=True)
    events = [json.loads(line)["event"] for line in decoded.stdout.splitlines()]
    if decoded.returncode != 0 or len(events) != len(lines):
        return [f"{len(events)} of {len(lines)} records of {sample.name} are decoded: {decoded.stderr.strip()}"]
    problems = [
        f"record {number}: {name} is {event.get(name)!r} where the line has {value!r}"
        for number, (event, line) in enumerate(zip(events, lines), start=1)
        for name, value in zip(fields, line.split())
        if str(event.get(name, "-")) != value
    ]
    with tempfile.TemporaryDirectory() as folder:
        rollup = Path(folder) / "every-field.yaml"
        rollup.write_text(ROLLUP.format(filter=" || ".join(f"has(event.{name})" for name in fields)))
        checked = subprocess.run([binary, "config", "check", rollup], capture_output=True, text=True)
    if checked.returncode != 0:
        problems.append(f"a field is not known by name: {checked.stdout}{checked.stderr}".strip())
    return problems
