"""One drill: an estate with traffic, what happens to it, and what is measured until it is as before."""

import datetime
import json
import os
import subprocess
import time
from pathlib import Path

import objects
from broker import Broker
from cluster import IMAGE, REPLICAS, Cluster
from commands import Commands
from pages import Pages
from pods import NOWHERE, awaited, write
from runbook import ROOT, Runbook
from traffic import Traffic, rfc3339

BINARY = Path(os.environ.get("TIDEWATCH_BINARY", ROOT / ".build/debug/tidewatch")).resolve()
WATCHED = "checkout-us-east-1b"
START_SECONDS_MAX = 90
# Before now: late enough to be paged, early enough that a minute of it may come each second.
EVENT_TIME_MINUTES = 55
HISTORY_MINUTES = 20
INCIDENT_MINUTES = 10
# Event time runs sixty times as fast as the clock, and so does what is waited for. Checkpoints then lie behind the history, as they do where there are days of it.
LATENESS = "1m"
SECRETS = {"pagerduty/routing-key": "0123456789abcdef0123456789abcdef", "tidewatch-mac/mac.key": 32 * "5a"}
CHANGES = {
    "    options:\n": "    options:\n      session.timeout.ms: 6000\n      heartbeat.interval.ms: 500\n",
    "    lateHorizon: 3d\n": f"    lateHorizon: 3d\n    allowedLateness: {LATENESS}\n",
    "    partitions: 12\n    replicationFactor: 3\n": "    partitions: 3\n    replicationFactor: 1\n",
    "    # mac:\n    #   keyFile: /var/run/secrets/tidewatch-mac/mac.key\n": "    mac:\n      keyFile: {secrets}/tidewatch-mac/mac.key\n",
    "  # pagerDuty:\n  #   routingKeyFile: /var/run/secrets/pagerduty/routing-key\n":
        "  pagerDuty:\n    routingKeyFile: {secrets}/pagerduty/routing-key\n    endpoint: \"{pages}\"\n",
}


class Finding(Exception):
    """What was not as the runbook promises, and what the members had said."""

    def __init__(self, text, log=""):
        super().__init__(text)
        self.log = log


class Drill:
    def __init__(self, name, folder: Path, patience, brokers=1, colours=True):
        """`colours`: made by releases of deploy/scripts/deploy, and not by `kubectl apply -k`."""
        self.name, self.folder, self.patience = name, folder, patience
        folder.mkdir(parents=True)
        self.measured = {}
        self.followed = set()
        self.pages = Pages()
        self.brokers = [Broker(folder / f"broker-{number}.log", partitions=3 + 2 * number) for number in range(brokers)]
        # What is /var/run/secrets elsewhere: in the settings and on this machine, where it is empty, and in the pods.
        self.secrets = folder / "operator/secrets", self.made("pods/secrets")
        for file, secret in SECRETS.items():
            write(self.secrets[1] / file, secret)
        self.clusters = [Cluster(BINARY, self.made(f"cluster-{number}"), {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.address}, self.secrets)
                         for number, broker in enumerate(self.brokers)]
        self.here, self.colours = 0, colours
        self.overlay = self.write_overlay()
        self.settings = self.overlay / "config/settings.yaml"
        self.estate = self.overlay / "config/resources/estate.yaml"
        self.buckets = folder / "buckets"
        self.commands = Commands(
            self.made("work"), BINARY,
            {"kubectl": self.kubectl, "aws": objects.aws(self.buckets),
             "kafka-topics": lambda arguments, _: self.broker.kafka_topics(arguments),
             "kafka-get-offsets": lambda arguments, _: self.broker.kafka_get_offsets(arguments)}, {})
        # Commands are given in the folder of the repository.
        (self.commands.folder / "deploy").symlink_to(ROOT / "deploy")
        start = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        self.latest = start
        self.traffic = Traffic(
            BINARY, [broker.address for broker in self.brokers], start - datetime.timedelta(minutes=EVENT_TIME_MINUTES), folder / "traffic")

    broker = property(lambda self: self.brokers[self.here])
    cluster = property(lambda self: self.clusters[self.here])

    def made(self, name):
        path = self.folder / name
        path.mkdir(parents=True)
        return path

    def write_overlay(self):
        """The example settings, as somebody would change them for this cluster, with the demo's resources."""
        text = (ROOT / "deploy/examples/settings.yaml").read_text()
        for before, after in CHANGES.items():
            if text.count(before) != 1:
                raise Finding(f"deploy/examples/settings.yaml no longer has once:\n{before}")
            text = text.replace(before, after)
        overlay = self.made("overlay")
        write(overlay / "config/settings.yaml", text.replace("{secrets}", str(self.secrets[0])).replace("{pages}", self.pages.address))
        write(overlay / "config/resources/estate.yaml", (ROOT / "Sources/tidewatch/Demo/estate.yaml").read_text())
        # An image is written into it where it is applied as it is.
        text = (ROOT / "deploy/kubernetes/overlays/example/kustomization.yaml").read_text()
        write(overlay / "kustomization.yaml", text if self.colours else text.replace(NOWHERE, IMAGE.partition("@")[2]))
        return overlay

    def apply(self):
        self.cluster.kubectl(["apply", "-k", str(self.overlay)])

    def end(self):
        self.traffic.stopped.set()
        for cluster, broker in zip(self.clusters, self.brokers):
            # Without a broker a member takes half a minute to give up, which nobody needs here.
            cluster.end(grace=15 if broker.process.poll() is None else 0)
        self.commands.end()
        self.pages.end()
        for broker in self.brokers:
            if broker.process.poll() is None:
                broker.end()

    # MARK: The runbook

    def kubectl(self, arguments, _):
        match arguments:
            case ["config", "use-context", context]:
                self.here = {"east": 0, "west": 1}[context]
                return ""
        return self.cluster.kubectl(arguments)

    def follow(self, runbook, *blocks, change=lambda text: text, **more):
        """Runs blocks of a runbook. `change` is how a planted mistake has it, `more` what further words in capitals stand for."""
        words = {"OVERLAY": str(self.overlay), "SETTINGS": str(self.settings), "BROKERS": self.broker.address,
                 "ADMIN_PROPERTIES": "admin.properties", "GENERATION": "b", "MEMBERS": str(REPLICAS), "OTHER_CONTEXT": "west", "IMAGE": IMAGE, **more}
        out = ""
        for block in blocks:
            environment = Runbook("README").commands("environment", words)
            out = self.commands.run(environment + change(Runbook(runbook).commands(block, words)))
            self.followed.add((runbook, block))
        return out

    # MARK: Reports

    def report(self, at=None, settings=None):
        """Good and total by objective, as somebody with the secrets reads them; nothing while there is no report."""
        mounted = self.folder / "reader.yaml"
        text = self.cluster.mounted((settings or self.settings).read_text())
        mounted.write_text(text.replace("resources: [resources]", f"resources: [{self.estate}]"))
        done = subprocess.run(
            [BINARY, "slo", "report", "--config", mounted, "--format", "json", *(["--at", rfc3339(at)] if at else [])],
            env=self.commands.environment | {"KAFKA_BOOTSTRAP_SERVERS": self.broker.address}, capture_output=True, text=True)
        return counts(done.stdout) if done.returncode == 0 and done.stdout else {}

    def counted(self, until=None, seconds=None):
        """Whether the report comes to the ledger's numbers, up to a time, to the unit."""
        return awaited(lambda: self.report(until) == self.traffic.expected(until), seconds or self.patience)

    def short_minutes(self):
        """Minutes of event time of which something is missing, by reports at the end of each span."""
        short, behind = 0, {}
        for span in self.traffic.spans:
            told, expected = self.report(span.end), self.traffic.expected(span.end, everything=True)
            missing = {name: expected[name][0] - told.get(name, (0, 0))[0] for name in expected}
            short += span.minutes if missing != behind and any(missing.values()) else 0
            behind = missing
        return short

    # MARK: The drill

    def begin(self):
        """Twenty minutes with an incident that is over, and then a minute each second."""
        self.traffic.send(HISTORY_MINUTES, incident="failed-sign-ins")
        if self.colours:
            self.cluster.release(self.overlay)
        else:
            self.apply()
        if not self.counted(seconds=START_SECONDS_MAX):
            raise Finding(f"the estate did not come up: {self.report()} of {self.traffic.expected()}\n{self.cluster.log()[-3000:]}")
        self.traffic.begin(self.latest)
        target = self.traffic.next + datetime.timedelta(minutes=3)
        if not awaited(lambda: self.traffic.next >= target, START_SECONDS_MAX) or not self.counted(target):
            raise Finding("the traffic was not counted before anything had happened")
        if self.pages.awaited("failed-sign-ins", rfc3339(self.traffic.start), self.patience) is None:
            raise Finding("no page came of the incident before anything had happened")

    def lose(self, *topics, everything=False):
        """Deletes topics under traffic, and the memory of all members, which are started again."""
        with self.traffic.lock:
            self.lost_at = time.monotonic()
            if everything:
                self.broker.end()
                self.traffic.brokers.remove(self.broker.address)
                self.traffic.lags = False
            for topic in topics:
                self.broker.topic("delete", topic)
            self.cluster.crash()

    def outage(self):
        """An incident that begins after the loss: nobody can have seen it before."""
        self.incident = self.traffic.send(INCIDENT_MINUTES, incident="zone-outage")

    def since(self):
        return time.monotonic() - self.lost_at

    def recovered(self):
        """Measures until the first correct report and the first page, and then whether all is exact."""
        began = self.incident.ledger["incidents"][0]["start"]
        # With all of before, and with what only a consumer that came back can have counted.
        if not self.counted(self.incident.end):
            raise Finding(f"{self.difference(self.incident.end)}; {self.short_minutes()} minutes of event time are short")
        self.measured["first correct report"] = self.since()
        came = self.pages.awaited(WATCHED, began, self.patience)
        if came is None:
            raise Finding(f"no page came of the outage at {began}, which began after the loss")
        self.measured["first page"] = came - self.lost_at
        self.traffic.stop()
        if not self.counted():
            raise Finding(self.difference())
        self.measured["missing minutes"] = self.short_minutes()
        self.measured["repeated pages"] = self.pages.repeated()

    def difference(self, until=None):
        told, expected = self.report(until), self.traffic.expected(until)
        lines = [f"{name}: good {told.get(name, (0, 0))[0]} of {good}, total {told.get(name, (0, 0))[1]} of {total}"
                 for name, (good, total) in sorted(expected.items()) if told.get(name) != (good, total)]
        return "the report differs from the ledger: " + "; ".join(lines)


def counts(report):
    return {slo["name"]: (slo["good"], slo["total"]) for slo in json.loads(report)["slos"]}
