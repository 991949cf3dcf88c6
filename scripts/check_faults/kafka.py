"""The embedded broker, a consumer of it, and a producer that sets each record's time."""

import json
import re
import signal
import socket
import struct
import subprocess
import time
import urllib.request

from rows import BINARY, run, summary, write

SETTINGS = """\
apiVersion: tidewatch/v1
kind: Settings
metadata: {name: check}
spec:
  kafka:
    bootstrapServers: "%s"
    groupID: check
    options: {session.timeout.ms: 6000, heartbeat.interval.ms: 500, fetch.wait.max.ms: 20}
  inputs: [{topic: input, format: %s}]
  outputs: {createTopics: false}
  aggregation: {idleTimeout: 2s}
  flushInterval: 500ms
  http: {host: 127.0.0.1, healthPort: %d, metricsPort: %d}
  resources: [resources.yaml]
"""
TOPICS = ["input:1", "tidewatch.windows:1", "tidewatch.alerts:1", "tidewatch.audit:1", "tidewatch.deadletter:1",
          "tidewatch.registers:1", "tidewatch.checkpoints:1"]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def awaited(condition, seconds=60):
    """Whether a condition comes true in time; nothing announces it."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.2)
    return value


class Live:
    """A broker and a consumer of its topic `input`, which end with it."""

    def __init__(self, folder, resources, format="cloudtrail", more=""):
        self.folder = folder
        self.consumer = None
        self.broker = subprocess.Popen(
            [BINARY, "broker", "--until-input-ends", *[word for topic in TOPICS for word in ("--topic", topic)]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.broker.stdout.readline().decode().strip()
        health, self.port = free_ports(2)
        write(folder, "settings.yaml", SETTINGS % (self.address, format, health, self.port) + more)
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
        """The report once it holds so many, or as it is after a while."""
        def holds():
            return sum(slo["total"] for slo in self.report(*options)["slos"]) >= total
        awaited(holds)
        return summary(self.report(*options))

    def alerts(self):
        """The feed's alerts as they stand, open or not."""
        done = run(self.folder, "alerts", "list", "--config", "settings.yaml", "--all", "--format", "json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def send(self, *records):
        """Sends records to the partition of the input, each a time in milliseconds and a value."""
        batch = record_batch(records)
        body = struct.pack(">hhi", -1, 1, 10_000) + struct.pack(">i", 1) + string("input") + struct.pack(
            ">iii", 1, 0, len(batch)) + batch
        request = struct.pack(">hhi", 0, 3, 1) + string("check-faults") + body
        host, port = self.address.split(",")[0].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            size = struct.unpack(">i", receive(connection, 4))[0]
            answer = receive(connection, size)
        # Correlation, one topic, its name, one partition, its number, the error.
        error = struct.unpack_from(">h", answer, 4 + 4 + 2 + len("input") + 4 + 4)[0]
        if error:
            raise ValueError(f"the broker refused the records: {error}")


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ValueError("the broker closed the connection")
        data += part
    return data


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def varint(value):
    value = (value << 1) ^ (value >> 63)
    data = b""
    while value > 0x7F:
        data += bytes([value & 0x7F | 0x80])
        value >>= 7
    return data + bytes([value])


def record_batch(records):
    """Kafka's record batch, version 2."""
    base, newest = records[0][0], max(moment for moment, _ in records)
    body = b""
    for offset, (moment, value) in enumerate(records):
        value = value.encode() if isinstance(value, str) else value
        record = b"\0" + varint(moment - base) + varint(offset) + varint(-1) + varint(len(value)) + value + varint(0)
        body += varint(len(record)) + record
    tail = struct.pack(">hiqqqhii", 0, len(records) - 1, base, newest, -1, -1, -1, len(records)) + body
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def crc32c(data, table=[]):  # pylint: disable=dangerous-default-value
    if not table:
        for start in range(256):
            value = start
            for _ in range(8):
                value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
            table.append(value)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
