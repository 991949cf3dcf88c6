"""What a row is, and the commands that rows run."""

import dataclasses
import json
import os
import re
import subprocess
import typing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(os.environ.get("TIDEWATCH_BINARY", f"{ROOT}/.build/debug/tidewatch"))


@dataclasses.dataclass
class Row:
    """An input, what comes of it, and what is right."""
    name: str
    command: str
    # What comes, in a word, from a folder of its own and the input's bytes.
    look: typing.Callable[[str, bytes], str]
    data: typing.Union[str, bytes]
    right: str
    # Known to be wrong today: no fault of the check.
    is_open: bool = False


@dataclasses.dataclass
class Test:
    """What only tests can show: what is right, and `Suite/function` of each."""
    name: str
    right: str
    functions: list

    def missing(self):
        """Those that are nowhere below Tests/."""
        return [name for name in self.functions if not test_exists(*name.split("/"))]


def test_exists(suite, function):
    for folder, _, files in os.walk(f"{ROOT}/Tests"):
        for file in files:
            with open(f"{folder}/{file}", encoding="utf-8", errors="replace") as source:
                text = source.read()
            if re.search(rf"\b(?:struct|extension) {suite}\b", text) and re.search(rf"@Test[^{{]*?func {function}\(", text):
                return True
    return False


def write(folder, name, text):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return name


def run(folder, *words, data=None):
    return subprocess.run([BINARY, *words], cwd=folder, input=data, capture_output=True, check=False, timeout=300)


def decode(*options):
    """What `decode` says of an input: its counts and reasons."""
    def look(folder, data):
        done = run(folder, "decode", *options, "-", data=data)
        return "; ".join(line.strip() for line in done.stderr.decode().splitlines())
    return " ".join(["decode", *options, "-"]), look


def field(name, *options):
    """A field of the first event, as `decode` prints it."""
    def look(folder, data):
        done = run(folder, "decode", *options, "-", data=data)
        events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
        return json.dumps([event.get(name) for event in events])
    return " ".join(["decode", *options, f"- | .event.{name}"]), look


def summary(report):
    return "; ".join(f"{'' if len(report['slos']) == 1 else slo['name'] + ' '}total {slo['total']}, bad {slo['bad']}, "
                     f"{slo['status']}" for slo in report["slos"])


def report(resources, *options):
    """Total, bad and status of each SLO."""
    def look(folder, data):
        write(folder, "slo.yaml", resources)
        done = run(folder, "replay", "--resources", "slo.yaml", "--report", "json", *options, "-", data=data)
        return done.stderr.decode()[-300:] if done.returncode else summary(json.loads(done.stdout))
    return " ".join(["replay --resources slo.yaml --report json", *options, "-"]), look


def warnings(resources):
    """What a report over a file says of selectors that match nothing."""
    def look(folder, data):
        write(folder, "slo.yaml", resources)
        write(folder, "input", data)
        done = run(folder, "replay", "--resources", "slo.yaml", "--report", "json", "input")
        slos = json.loads(done.stdout)["slos"]
        return "; ".join(warning["text"] for slo in slos for warning in slo.get("warnings", []))
    return "replay --resources slo.yaml --report json input", look
