"""What an environment of deploy/terraform costs while it stands there, from the sizes that its main.tf gives."""

import re
from pathlib import Path

from model import HOURS, Bill

ENVIRONMENTS = Path(__file__).resolve().parents[1] / "terraform/environments"
ORDER = ["dev", "staging", "uat", "prod", "prod-dr"]
# Interface endpoints: the default of the module network.
ENDPOINTS = 7
# vCPU of a class, by which the RDS proxy is charged; it has two at least.
VCPU = {"medium": 2, "large": 2, "xlarge": 4}


class Sizes:
    """The arguments of the module `estate` in one environment."""

    def __init__(self, folder):
        self.path = folder / "main.tf"
        text = re.sub(r"#.*", "", self.path.read_text())
        found = re.search(r'module "estate" \{\n(.*?)^\}', text, re.S | re.M)
        if not found:
            raise ValueError(f"{self.path}: there is no module estate")
        self.text = found[1]

    def block(self, name):
        """The text of an object, `null` or left out as None."""
        found = re.search(rf"^ *{name} +?= \{{", self.text, re.M)
        if not found:
            return None
        depth, place = 1, found.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(self.text[place], 0)
            place += 1
        return self.text[found.end():place - 1]

    def value(self, block, name, default=None):
        text = self.block(block)
        found = re.search(rf'\b{name} *= *("[^"]*"|\[[^\]]*\]|\d+)', text or "")
        if not found:
            if default is None:
                raise ValueError(f"{self.path}: {block} has no {name}")
            return default
        if found[1].startswith("["):
            return re.findall(r'"([^"]+)"', found[1])
        return found[1].strip('"') if found[1].startswith('"') else int(found[1])

    def node_groups(self):
        """The first instance type of each group, and how many of it there are."""
        for line in re.findall(r"\{[^{}]*desired_size[^{}]*\}", self.block("node_groups") or ""):
            kind = re.search(r'instance_types *= *\["([^"]+)"', line)
            yield kind[1], int(re.search(r"desired_size *= *(\d+)", line)[1])


def bill(prices, name):
    sizes, bill = Sizes(ENVIRONMENTS / name), Bill(prices)
    zones = len(sizes.value("network", "zones"))
    subnets = zones + len(sizes.value("network", "standby_zones", default=[]))
    nat = {"one": 1, "none": 0, "zone": zones}[sizes.value("network", "nat", default="zone")]
    bill.add("network", "vpc.nat", nat * HOURS, "NAT gateways")
    bill.add("network", "vpc.endpoint", ENDPOINTS * zones * HOURS, f"{ENDPOINTS} interface endpoints in each zone with work")
    bill.add("cluster", "eks.cluster", HOURS, "control plane")
    for kind, count in sizes.node_groups():
        bill.add("cluster", f"ec2.{kind}", count * HOURS, f"{count} nodes")
        bill.add("cluster", "ebs.gp3", count * 50, "their volumes")
    bill.add("Kafka", f"msk.{sizes.value('kafka', 'instance_type')}", subnets * HOURS, "a broker in each zone with subnets")
    bill.add("Kafka", "msk.storage", subnets * sizes.value("kafka", "volume_size_gb"), "volumes as they begin")
    if sizes.block("aurora"):
        kind, readers = sizes.value("aurora", "instance_class"), sizes.value("aurora", "readers", default=1)
        bill.add("databases", f"aurora.{kind}", (1 + readers) * HOURS, "writer and readers")
        bill.add("databases", "rds.proxy", max(2, VCPU[kind.rsplit(".", 1)[1]] * (1 + readers)) * HOURS, "the proxy, by vCPU")
    if sizes.block("timescale"):
        bill.add("databases", f"ec2.{sizes.value('timescale', 'instance_type')}", HOURS, "the instance for time series")
        bill.add("databases", "ebs.gp3", sizes.value("timescale", "volume_size_gb"), "its volume")
    if sizes.block("redis"):
        bill.add("databases", f"redis.{sizes.value('redis', 'node_type')}", (1 + sizes.value("redis", "replicas", default=1)) * HOURS, "primary and replicas")
    return bill


def budget(name):
    """What the environment's budget alarm is set to."""
    return Sizes(ENVIRONMENTS / name).value("budget", "monthly_usd")
