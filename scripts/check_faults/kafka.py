"""The embedded broker, a consumer of it, and a producer that sets each record's time."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import protocol
from rows import BINARY, run, summary, write

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from ports import free_ports  # noqa: E402

SETTINGS = """\
apiVersion: tidewatch/v1
kind: Settings
metadata: {name: check}
spec:
  kafka:
    bootstrapServers: "%s"
    groupID: check
    options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20, compression.type: none}
  inputs: [{topic: input, format: %s}]
  outputs: {createTopics: false}
  aggregation: {idleTimeout: 2s}
  flushInterval: 500ms
  http: {host: 127.0.0.1, healthPort: %d, metricsPort: %d}
  resources: [resources.yaml]
"""
TOPICS = ["tidewatch.windows:1", "tidewatch.alerts:1", "tidewatch.audit:1", "tidewatch.deadletter:1",
          "tidewatch.registers:1", "tidewatch.checkpoints:1"]


def awaited(condition, seconds=60):
    """Whether a condition comes true in time; nothing announces it."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.2)
    return value


class Live:
    """A broker and a consumer of its topic `input`, which end with it."""

    def __init__(self, folder, resources, format="cloudtrail", more="", partitions=1):
        self.folder = folder
        self.consumer = None
        self.broker = subprocess.Popen(
            [BINARY, "broker", "--until-input-ends",
             *[word for topic in [f"input:{partitions}", *TOPICS] for word in ("--topic", topic)]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.broker.stdout.readline().decode().strip()
        self.health, self.port = free_ports(2)
        write(folder, "settings.yaml", SETTINGS % (self.address, format, self.health, self.port) + more)
        write(folder, "resources.yaml", resources)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.consumer, self.broker):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self.broker.stdin.close()
        self.broker.stdout.close()

    def start(self):
        with open(f"{self.folder}/log", "ab") as log:
            self.consumer = subprocess.Popen(
                [BINARY, "run", "--config", "settings.yaml"], cwd=self.folder, stdout=log, stderr=log)
        return self

    def stop(self):
        """The status, and how long it took in seconds; `None` for a consumer that had to be killed."""
        began = time.monotonic()
        self.consumer.send_signal(signal.SIGTERM)
        try:
            return self.consumer.wait(timeout=60), time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.consumer.kill()
            return None, time.monotonic() - began

    def metric(self, name):
        """The sum over all labels."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            return 0
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))

    def report(self, *options):
        done = run(self.folder, "slo", "report", "--config", "settings.yaml", "--format", "json", *options)
        return json.loads(done.stdout) if done.stdout else {"slos": []}

    def counted(self, total, *options):
        """The report once it holds so many, or as it is after a while, or when the consumer has ended."""
        def holds():
            has_ended = self.consumer.poll() is not None
            return sum(slo["total"] for slo in self.report(*options)["slos"]) >= total or has_ended
        awaited(holds)
        return summary(self.report(*options))

    def alerts(self):
        """The feed's alerts as they stand, open or not."""
        done = run(self.folder, "alerts", "list", "--config", "settings.yaml", "--all", "--format", "json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def send(self, *records, topic="input", partition=0):
        """Sends records to a partition, each a time in milliseconds, a value (`None` for a tombstone) and, where it has one, a key."""
        protocol.produce(self.address, topic, partition, records)

    def read(self, topic, partition=0):
        """Key, value and time of each record of a partition."""
        return protocol.fetched(self.address, topic, partition)
