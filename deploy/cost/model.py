"""What a month costs: quantities of a workload, times a table of prices.

Every quantity is stated with its reason, so that each line of a bill can be checked by hand.
"""

import csv
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

HOURS = 730
SECONDS = HOURS * 3600
DAY = 86_400
GB = 1e9


class Prices:
    """A price list: for each item a unit and tiers, the first of which begins at 0."""

    def __init__(self, path):
        self.rows = list(csv.DictReader(Path(path).read_text().splitlines()))
        self.tiers = {}
        for row in self.rows:
            tiers = self.tiers.setdefault(row["item"], [])
            start = float(row["from"])
            if (start != 0) if not tiers else start <= tiers[-1][0]:
                raise ValueError(f"{path}: the tiers of {row['item']} don't begin at 0 and rise: {start:g}")
            tiers.append((start, float(row["usd"])))

    def usd(self, item, quantity):
        """The price of a quantity in the item's unit, tier by tier."""
        if item not in self.tiers:
            raise KeyError(f"there is no price of {item}: add a row to prices.csv")
        tiers = self.tiers[item]
        ends = [start for start, _ in tiers[1:]] + [float("inf")]
        return sum(max(0, min(quantity, end) - start) * price for (start, price), end in zip(tiers, ends))

    def unconfirmed(self):
        return [row for row in self.rows if row["confirmed"] != "yes"]


@dataclass
class Workload:
    """Telemetry of an estate, and the SLOs over it."""

    name: str
    users: int
    cloudtrail: float  # records each second
    metrics: float  # updates of metrics each second
    flows: float  # flow log lines each second
    slos: int

    # Bytes of a record as text, as `tidewatch generate` writes them (docs/performance.md has how they are measured).
    SIZES = {"cloudtrail": 1236, "metrics": 298, "flows": 113}
    # What gzip and zstd make of it in batches. The synthetic estate gives 5; real records repeat themselves less.
    COMPRESSION = 4

    @property
    def events(self):
        return self.cloudtrail + self.metrics + self.flows

    def text(self, *kinds):
        """GB of text a month."""
        return sum(getattr(self, kind) * self.SIZES[kind] for kind in kinds or self.SIZES) * SECONDS / GB

    @property
    def compressed(self):
        """GB a month as they are in Kafka and in S3."""
        return self.text() / self.COMPRESSION


@dataclass
class Bill:
    """Lines of a bill: part, item, quantity, USD, and why."""

    prices: Prices
    lines: list = field(default_factory=list)

    def add(self, part, item, quantity, why):
        self.lines.append((part, item, quantity, self.prices.usd(item, quantity), why))

    def parts(self):
        totals = {}
        for part, _, _, usd, _ in self.lines:
            totals[part] = totals.get(part, 0) + usd
        return totals

    @property
    def usd(self):
        return sum(line[3] for line in self.lines)


WORKLOADS = [
    Workload("1 k events/s", 10_000, cloudtrail=20, metrics=33, flows=947, slos=50),
    Workload("10 k events/s", 100_000, cloudtrail=200, metrics=167, flows=9_633, slos=200),
    Workload("100 k events/s", 1_000_000, cloudtrail=1_000, metrics=833, flows=98_167, slos=1_000),
]

ZONES = 3
# CPU of an event, in seconds: with ten thousand SLOs over CloudTrail, the dearest that was measured.
CPU = 28e-6
# Cores are planned for half of what they can do, so that a backlog of an hour is gone within the next.
UTILISATION = 0.5
# Bytes in tidewatch.registers for each event: a floor, and so many for each SLO.
REGISTER_BYTES, REGISTER_BYTES_SLO = 0.4, 0.02


def consumer(bill, load):
    """The part that is Tidewatch's alone: pods on an EKS cluster that is there, on two nodes at least, in two zones."""
    cores = load.events * CPU / UTILISATION
    # A core of each node is for the kubelet, the agents of its day, and whatever else must run there.
    kind, usable = ("ec2.m7g.large", 1) if cores <= 2 else ("ec2.m7g.xlarge", 3)
    count = max(2, ceil(cores / usable))
    bill.add("consumer", kind, count * HOURS, f"{load.events:,.0f} events/s x {CPU * 1e6:.0f} µs / {UTILISATION} = {cores:.2f} cores: {count} nodes")


def kafka(bill, load, registers=True):
    """Three days of input and a week of registers, three copies of each, a broker in each zone."""
    bill.add("Kafka", "msk.kafka.m7g.large", ZONES * HOURS, f"a broker in each zone, for {load.compressed * GB / SECONDS / 1e6:.1f} MB/s in")
    stored = load.compressed / SECONDS * 3 * DAY
    if registers:
        stored += load.events * (REGISTER_BYTES + REGISTER_BYTES_SLO * load.slos) * 7 * DAY / GB
    bill.add("Kafka", "msk.storage", stored * ZONES, f"{stored:,.0f} GB in three copies")
    bill.add("Kafka", "transfer.zone", load.compressed * 2 * (ZONES - 1) / ZONES, "in and out, two thirds of it between zones")


def delivery(bill, load):
    """What AWS takes for telemetry itself, whoever reads it."""
    bill.add("telemetry", "flow-logs.s3", load.text("flows"), "flow logs to S3, by their text")
    bill.add("telemetry", "cloudwatch.stream", load.metrics * SECONDS / 1000, f"{load.metrics:,.0f} updates/s")
    bill.add("telemetry", "firehose.ingest", load.text("metrics"), "the stream's way to Kafka's gateway or S3")


def archive(bill, load):
    """A year of what was read: 30 days at hand, 60 seldom read, 275 cold."""
    month = 30.4
    for item, days in [("s3.standard", 30), ("s3.infrequent", 60), ("s3.glacier", 275)]:
        bill.add("archive", item, load.compressed * days / month, f"{days} days of {load.compressed:,.0f} GB a month")


def platform(bill):
    """A cluster and a network of its own, where none is there."""
    bill.add("platform", "eks.cluster", HOURS, "control plane")
    bill.add("platform", "ec2.m7g.large", 2 * HOURS, "system pods in two zones")
    bill.add("platform", "vpc.nat", ZONES * HOURS, "one NAT gateway for each zone")
    bill.add("platform", "vpc.endpoint", 8 * ZONES * HOURS, "8 interface endpoints in each zone")


def tidewatch(prices, load):
    bill = Bill(prices)
    consumer(bill, load)
    kafka(bill, load)
    delivery(bill, load)
    archive(bill, load)
    platform(bill)
    return bill


def application_signals(prices, load):
    """CloudTrail and flow logs into CloudWatch Logs, two metric filters and four alarms for each SLO, a period each minute."""
    bill = Bill(prices)
    bill.add("telemetry", "flow-logs.cloudwatch", load.text("flows"), "flow logs to CloudWatch Logs")
    bill.add("telemetry", "cloudwatch.logs", load.text("cloudtrail"), "CloudTrail to CloudWatch Logs")
    bill.add("SLOs", "cloudwatch.metric", 2 * load.slos, "good and total of each SLO by metric filters")
    bill.add("SLOs", "cloudwatch.signals", load.slos * 2 * SECONDS / 60 / 1e6, "two signals for each SLO and minute")
    bill.add("SLOs", "cloudwatch.alarm", 4 * load.slos, "two burn rates, a long and a short window each")
    return bill


def datadog(prices, load):
    """All text ingested, none indexed; good and total of each SLO as log-based metrics."""
    bill = Bill(prices)
    delivery(bill, load)
    bill.add("telemetry", "firehose.ingest", load.text("flows", "cloudtrail"), "logs through Firehose")
    bill.add("telemetry", "transfer.internet", load.compressed, "out of AWS, compressed")
    bill.add("SLOs", "datadog.ingest", load.text(), "ingested, not indexed")
    bill.add("SLOs", "datadog.metric", 2 * load.slos, "good and total of each SLO")
    return bill


def vector_clickhouse(prices, load):
    """The same Kafka, archive and platform; Vector by its own sizing page, two replicas of ClickHouse with 30 days."""
    bill = Bill(prices)
    kafka(bill, load, registers=False)
    delivery(bill, load)
    archive(bill, load)
    platform(bill)
    # 25 MiB/s of structured logs for each vCPU (vector.dev, "Sizing, capacity planning"), planned by half.
    cores = load.text() / SECONDS * GB / (25 * 2**20) / UTILISATION
    bill.add("engine", "ec2.m7g.large", max(2, ceil(cores)) * HOURS, f"Vector: {cores:.2f} cores")
    size = {1_000: "ec2.m7g.xlarge", 10_000: "ec2.m7g.2xlarge"}.get(load.events, "ec2.m7g.4xlarge")
    bill.add("engine", size, 2 * HOURS, "two replicas of ClickHouse")
    bill.add("engine", "ebs.gp3", 2 * load.text() / 8 * 30 / 30.4 + 2 * 50, "30 days in both, columns at an eighth of the text")
    return bill


def levers(prices, load):
    """What would make a month cheaper, and by how much: name, USD saved, what it costs in return."""
    bill = tidewatch(prices, load)
    parts = bill.parts()
    spot, plan = prices.usd("ec2.spot", 1), prices.usd("ec2.savings-plan-1y", 1)
    compute = sum(usd for _, item, _, usd, _ in bill.lines if item.startswith("ec2."))
    stream = sum(usd for _, item, _, usd, _ in bill.lines if item == "cloudwatch.stream")
    flows = sum(usd for _, item, _, usd, _ in bill.lines if item == "flow-logs.s3")
    week = 168
    return [
        ("consumer on spot instances", parts["consumer"] * (1 - spot), "nothing: a member that goes is a rebalance, and no count changes"),
        ("a savings plan for all nodes, one year", compute * (1 - plan), "a commitment"),
        ("nodes of a test environment run 50 hours a week", compute * (1 - 50 / week), "event time stands still meanwhile; the backlog is read when they start"),
        ("metric stream of what SLOs read (a tenth)", stream * 0.9, "other metrics can't be asked afterwards"),
        ("flow logs of rejected traffic alone (a twentieth)", flows * 0.95, "no SLO over accepted traffic"),
        ("fetch from the broker in the own zone", load.compressed * (ZONES - 1) / ZONES * prices.usd("transfer.zone", 1), "`client.rack` for each pod"),
    ]


WAYS = {
    "Tidewatch": tidewatch,
    "CloudWatch Application Signals": application_signals,
    "Datadog": datadog,
    "Vector + ClickHouse": vector_clickhouse,
}
