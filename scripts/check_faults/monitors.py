"""Monitors: what stops, what is gone, what hardly moved before."""

import json
import os

from inputs import BEGIN, MONITOR, flow, rfc3339
from rows import Row, run, write

FLOWS = MONITOR % {"name": "flows", "source": "VPCFlow", "group": "interface_id", "direction": "both"}


def alerts_of(resources):
    """Each transition of a replay: what it is, and when."""
    def look(folder, data):
        write(folder, "resources.yaml", resources)
        run(folder, "replay", "--resources", "resources.yaml", "--outputs", "alerts", "--out", "out", "-", data=data)
        with open(f"{folder}/out/alerts.ndjson", encoding="utf-8") as file:
            alerts = [json.loads(line) for line in file]
        return ", ".join(f"{alert['status']} {alert['time'][11:16]}" for alert in alerts) or "nothing"
    return "replay --resources resources.yaml --outputs alerts --out out -", look


def detected(folder, data):
    """Of a series that is 0 and then not, and one that is 100 and then half a percent more: which is flagged."""
    os.mkdir(f"{folder}/series")
    for name, before, after in [("failures", 0, 60), ("steady", 100, 100.5)]:
        values = [before] * 200 + [after]
        write(f"{folder}/series", f"{name}.csv", "timestamp,value\n" + "".join(
            f"{rfc3339(BEGIN + 60 * place).replace('T', ' ').rstrip('Z')},{value}\n" for place, value in enumerate(values)))
    run(folder, "detect", "--out", "scores", "series")
    said = []
    for name in ("failures", "steady"):
        with open(f"{folder}/scores/{name}.csv", encoding="utf-8") as file:
            score = float(file.read().split()[-1].split(",")[-1])
        said.append(f"{name} {'flagged' if score >= 0.5 else 'not flagged'}")
    return ", ".join(said)


GONE = "".join(flow(BEGIN + 60 * minute - 60, interface=interface) * (3 + minute % 2)
               for minute in range(40) for interface in ("eni-0a", "eni-0b") if interface == "eni-0a" or minute < 20)
GONE += flow(BEGIN + 60 * 20 - 60, interface="eni-0b") * 300
STOPPED = "".join(flow(BEGIN + 60 * minute - 60, interface=interface) * (50 + minute % 3)
                  for minute in range(40) for interface in ("eni-0a", "eni-0b") if interface == "eni-0a" or minute <= 30)
ROWS = [
    Row("a group that is gone after its alert", *alerts_of(FLOWS), GONE, "open 09:20, resolved 09:21"),
    Row("traffic that stops", *alerts_of(FLOWS.replace("direction: both", "direction: down")), STOPPED, "open 09:31"),
    Row("failures after a constant 0, half a percent after a constant 100", "detect --out scores series", detected, "",
        "failures flagged, steady not flagged"),
]
TESTS = []
