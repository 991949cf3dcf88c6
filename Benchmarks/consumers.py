"""A consumer that is measured: it has one core, and its broker another."""

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(f"{ROOT}/scripts")
from ports import free_ports  # noqa: E402

TIDEWATCH = os.environ.get("TIDEWATCH_BINARY", f"{ROOT}/.build/release/tidewatch")
OUTPUTS = {"windows": 12, "alerts": 4, "audit": 12, "deadletter": 2, "registers": 6, "checkpoints": 6}
CORES = sorted(os.sched_getaffinity(0))
MEASURED, OTHER = {CORES[-1]}, set(CORES[:-1]) or set(CORES)


def above_zero(text):
    """For arguments that count something."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def check_inputs(parser, events):
    """What is asked for can be done: the file of events, where one is given, and the binary are there."""
    if events and not os.path.isfile(events):
        parser.error(f"there is no file {events}")
    if not os.access(TIDEWATCH, os.X_OK):
        parser.error(f"there is no {TIDEWATCH}: `make build` makes it")


def counted_by_replay(folder, resources, source):
    """How many events a file has, and good and total by SLO in them. Each of its lines has to be an event."""
    out = f"{folder}/replayed"
    done = subprocess.run([TIDEWATCH, "replay", "--resources", resources, "--outputs", "windows,report", "--out", out, source],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"replay ended with status {done.returncode}:\n{done.stderr[-2000:]}")
    with open(source) as file, open(f"{out}/report.json") as report, open(f"{out}/stats.json") as stats:
        lines, events = sum(1 for _ in file), json.load(stats)["events"]
        if events == 0 or events != lines:
            sys.exit(f"{source} has {lines} lines and {events} events: each has to be an event, and there has to be one")
        return events, {each["name"]: (each["good"], each["total"]) for each in json.load(report)["slos"]}


def start(cores, command, **options):
    return subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, cores), **options)


@contextlib.contextmanager
def running(command, **options):
    """A program on the core that is measured, which does not outlive who waits for it."""
    process = start(MEASURED, command, **options)
    try:
        yield process
    finally:
        if process.returncode is None and process.poll() is None:
            process.kill()
            process.wait()


def end(process):
    """CPU seconds of a process that ends by itself."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)} ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


class Broker:
    """Topics without messages: the input, and outputs for so many runs, so that each begins at the beginning."""

    def __init__(self, partitions, runs):
        self.runs = iter(range(runs))
        topics = {"cloudtrail": partitions} | {
            f"tidewatch-{number}.{name}": count for number in range(runs) for name, count in OUTPUTS.items()}
        flags = [flag for name, count in topics.items() for flag in ("--topic", f"{name}:{count}")]
        self.process = start(OTHER, [f"{ROOT}/scripts/second-broker", *flags], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            sys.exit("the broker did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def consumer_command(folder, broker, resources):
    """What runs a consumer of the next of the broker's sets of outputs, and the port where it tells its metrics."""
    health, metrics = free_ports(2)
    number = next(broker.runs)
    with open(f"{folder}/settings.yaml", "w") as file:
        file.write(f"""apiVersion: tidewatch/v1
kind: Settings
metadata: {{name: measured}}
spec:
  kafka:
    bootstrapServers: "{broker.address}"
    groupID: measured-{number}
    options: {{session.timeout.ms: 6000, heartbeat.interval.ms: 1000, fetch.wait.max.ms: 20}}
  inputs:
    - {{topic: cloudtrail, format: cloudtrail}}
  outputs: {{createTopics: false, prefix: tidewatch-{number}.}}
  workers: {{count: 1}}
  http: {{host: 127.0.0.1, healthPort: {health}, metricsPort: {metrics}}}
  logging: {{format: json}}
  resources: [{resources}]
""")
    return [TIDEWATCH, "run", "--config", f"{folder}/settings.yaml"], metrics


def compile_program(path, source, *libraries):
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-o", path, f"{ROOT}/Benchmarks/{source}", *libraries], check=True)


def until_told(process, port, log, expected, every, patience):
    """Asks a consumer every so many seconds, which costs it something, too, until it is ready and its metrics are at least what is expected."""
    deadline = time.monotonic() + patience
    while True:
        time.sleep(every)
        values = scrape(port)
        told = {name: values.get(name, 0) for name in expected}
        if values.get("tidewatch_ready_seconds", 0) > 0 and all(told[name] >= expected[name] for name in expected):
            return values
        if process.poll() is not None or time.monotonic() > deadline:
            with open(log) as file:
                sys.exit(f"the consumer tells {told} of {expected}:\n{file.read()[-2000:]}")


def scrape(port):
    """Sums by name, and the values of what has labels; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found = {}
    for name, labels, value in re.findall(r"^(\w+)(\{.*\})? (\S+)$", text, re.MULTILINE):
        found[name] = found.get(name, 0) + float(value)
        found[name + labels] = float(value)
    return found
