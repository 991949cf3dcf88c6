"""Drills of recovery: what each loses, how it comes back by a runbook, and the mistakes that each must find."""

import argparse
import datetime
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import canaries
import objects
from cluster import awaited
from commands import Failed
from drill import BINARY, Drill, Finding, counts
from runbook import FOLDER, Runbook
from traffic import rfc3339

PATIENCE_SECONDS = 90
# A planted mistake is not waited for as long: what isn't there after as long as the drill itself takes doesn't come.
PLANTED_PATIENCE_SECONDS = 30
OWN = "tidewatch."
# What the replication had not brought over when the first region went.
LAG_MINUTES = 2
WRONG_MINUTES = 3


def changelog(drill, planted):
    drill.begin()
    history = drill.traffic.spans[0].end
    drill.lose(OWN + "registers")
    drill.outage()
    if planted != "skip-restore":
        keep = (lambda text: text.replace("tidewatch-b/", "tidewatch/").replace("groupID: tidewatch-b|", "groupID: tidewatch|")) \
            if planted == "keep-group" else (lambda text: text)
        drill.follow("lost-changelog", "stop", "report-before", "begin-anew", "start", "check", change=keep)
    drill.recovered()
    if drill.report(history, drill.overlay / "settings-before.yaml") != drill.traffic.expected(history):
        raise Finding("what the former prefix had of before can't be read any more")


def checkpoints(drill, planted):
    drill.begin()
    drill.lose(OWN + "checkpoints")
    drill.outage()
    if planted != "skip-restore":
        drill.follow("lost-topic", "stop", "log-is-whole", "without-checkpoints", "start", "check")
    drill.recovered()
    no_repetition(drill)


def windows(drill, planted):
    drill.begin()
    drill.lose(OWN + "windows")
    drill.outage()
    keep = (lambda text: text.replace("--topic tidewatch.checkpoints", "--topic tidewatch.nothing")) \
        if planted == "keep-checkpoints" else (lambda text: text)
    drill.follow("lost-topic", "stop", "log-is-whole", "without-windows", "start", "check", change=keep)
    drill.recovered()
    no_repetition(drill)


def outputs(drill, planted):
    """What nothing is counted from."""
    drill.begin()
    lost = ["alerts", "notifications", "audit", "deadletter"]
    drill.lose(*(OWN + name for name in lost))
    drill.outage()
    drill.follow("lost-topic", "stop", "without-outputs", "start", "check", LOST=" ".join(lost))
    drill.recovered()


def topics(drill, planted):
    """All that is Tidewatch's own is gone, and the inputs are there."""
    drill.begin()
    drill.lose(*(name for name in drill.broker.topics() if name.startswith(OWN)))
    drill.outage()
    keep = (lambda text: text.replace("tidewatch-b/", "tidewatch/").replace("groupID: tidewatch-b|", "groupID: tidewatch|")) \
        if planted == "keep-group" else (lambda text: text)
    drill.follow("lost-changelog", "stop", "begin-anew", "start", "check", change=keep)
    drill.recovered()


def region(drill, planted):
    """The first region with its broker is gone; the second has the inputs but for the last minutes, in other partitions and at other offsets."""
    drill.begin()
    with drill.traffic.lock:
        drill.traffic.lags = planted != "forget-the-lag"
        for _ in range(LAG_MINUTES):
            drill.traffic.send(1)
        drill.lose(everything=True)
        drill.here = 1
        drill.follow("region", "other-region", "start", "check")
        # Before producers send here.
        if not drill.counted():
            raise Finding(drill.difference())
        reached = drill.follow("disaster-recovery", "recovery-point").strip()
        behind = drill.traffic.next - datetime.datetime.strptime(reached, "%Y-%m-%dT%H:%M:%S%z")
        drill.outage()
    drill.recovered()
    if drill.measured["missing minutes"] != LAG_MINUTES or behind != datetime.timedelta(minutes=LAG_MINUTES):
        raise Finding(f"{drill.measured['missing minutes']} minutes are missing, the runbook's commands say {behind}, and {LAG_MINUTES} min were not replicated")
    minutes_without(drill)


def minutes_without(drill):
    """The runbook's measure of how long users were without, held against the ledgers."""
    told = drill.follow("disaster-recovery", "check-objectives", "measure", END=rfc3339(drill.traffic.next))
    minutes = json.JSONDecoder().raw_decode(told)[0]["minutes"]
    bad = sum(span.minutes - slo["good"] for span in drill.traffic.spans if span.replicated for slo in span.ledger["slos"]
              if slo["name"] == "checkout-latency")
    if minutes != bad or not bad:
        raise Finding(f"the runbook's commands say that users were {minutes} min without, and by the ledgers they were {bad}")
    if "checkout-us-east-1b" not in told:
        raise Finding(f"the runbook's commands don't show the alert: {told}")


def configuration(drill, planted):
    """A filter that matches nothing goes out, and is taken back: all is exact but for what the SLO itself did not count meanwhile."""
    drill.begin()
    estate = drill.overlay / "resources/estate.yaml"
    text = estate.read_text()
    with drill.traffic.lock:
        if not drill.counted():
            raise Finding(drill.difference())
        estate.write_text(text.replace('event.eventType == "AwsApiCall"', 'event.eventType == "NoSuchCall"'))
        drill.cluster.kubectl(["apply", "-k", str(drill.overlay)])
        drill.lost_at = time.monotonic()
        wrong = drill.traffic.send(WRONG_MINUTES)
        if not awaited(lambda: others(drill.report()) == others(drill.traffic.expected()), drill.patience):
            raise Finding(drill.difference())
        drill.follow("broken-configuration", "undo")
        estate.write_text(text)
        drill.outage()
    drill.follow("broken-configuration", "check")
    drill.traffic.stop()
    expected = drill.traffic.expected()
    good, total = next((slo["good"], slo["total"]) for slo in wrong.ledger["slos"] if slo["name"] == "api-success")
    expected["api-success"] = (expected["api-success"][0] - good, expected["api-success"][1] - total)
    if not awaited(lambda: drill.report() == expected, drill.patience):
        raise Finding(f"more or less is missing than the {WRONG_MINUTES} minutes of the wrong filter: {drill.difference()}")
    drill.measured["first correct report"] = drill.since()
    drill.measured["missing minutes"] = drill.short_minutes()


def others(report):
    return {name: counts for name, counts in report.items() if name != "api-success"}


def bucket(drill, planted):
    """There is no broker any more: the report is made from the objects that AWS has delivered."""
    drill.begin()
    drill.traffic.stop()
    if not drill.counted():
        raise Finding(drill.difference())
    live = drill.report()
    objects.deliver(BINARY, drill.traffic.spans, drill.bucket, without_one=planted == "lose-a-message")
    drill.lost_at = time.monotonic()
    drill.broker.end()
    drill.follow("disaster-recovery", "objects", "replay")
    told = counts((drill.folder / "work/report.json").read_text())
    drill.measured["first correct report"] = drill.since()
    if told != live or told != drill.traffic.expected():
        lines = [f"{name}: {told.get(name)} of {expected}" for name, expected in live.items() if told.get(name) != expected]
        raise Finding("the objects give other numbers than the consumer and the ledger: " + "; ".join(lines))
    drill.measured["missing minutes"] = 0
    drill.follow("audit-request", "objects", "records", "select", PRINCIPAL="eks-node-")
    answer = [json.loads(line) for line in (drill.folder / "work/answer.ndjson").read_text().splitlines()]
    identities = {uid for *_, uid, _ in answer}
    if not answer or len(identities) != len(answer) or not all("eks-node-" in principal for _, principal, *_ in answer):
        raise Finding(f"an answer to an audit request has {len(answer)} lines of {len(identities)} events")
    made_by = json.JSONDecoder().raw_decode(drill.follow("audit-request", "number"))[0]
    if made_by["settings_sha256"] != hashlib.sha256(drill.settings.read_bytes()).hexdigest():
        raise Finding(f"the report says that it was made by other settings: {made_by}")


def objectives(folder, planted):
    """RTO and RPO by the runbook's SLOs, over an outage of known length."""
    folder.mkdir(parents=True)
    canaries.write(folder / "metrics.jsonl", silent=planted == "silent-canary")
    tidewatch = lambda *arguments: subprocess.run([BINARY, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
    tidewatch("replay", "--resources", FOLDER / "recovery-objectives.yaml", "--out", "out", "metrics.jsonl")
    report = json.loads(tidewatch("slo", "report", "--from", "out", "--at", rfc3339(canaries.END), "--format", "json"))
    told = {slo["name"]: (slo["bad"], slo["status"] == "violated") for slo in report["slos"]}
    if told != canaries.EXPECTED:
        raise Finding(f"minutes without, and whether that is too long, are not those of the outage: {told}")
    opened = [alert for alert in map(json.loads, (folder / "out/alerts.ndjson").read_text().splitlines())
              if alert["labels"]["alert"] == "recovery-takes-long" and alert["component"] == "rto-zone" and alert["status"] == "open"]
    if len(opened) != 1:
        raise Finding(f"recovery-takes-long paged {len(opened)} times for rto-zone")
    return {"missing minutes": 0}


def no_repetition(drill):
    if drill.measured["repeated pages"]:
        raise Finding(f"{drill.measured['repeated pages']} incidents were paged again, which the runbook rules out")


DRILLS = {"changelog": changelog, "checkpoints": checkpoints, "windows": windows, "outputs": outputs, "topics": topics, "region": region,
          "configuration": configuration, "bucket": bucket,
          "objectives": objectives}
# Of each mistake: the drill, and what it has to say.
PLANTED = {
    "skip-restore": ("changelog", "differs from the ledger"),
    "keep-group": ("topics", "differs from the ledger"),
    "keep-checkpoints": ("windows", "differs from the ledger"),
    "forget-the-lag": ("region", "were not replicated"),
    "lose-a-message": ("bucket", "other numbers"),
    "silent-canary": ("objectives", "not those of the outage"),
}
FEW = ["changelog", "bucket", "objectives"], ["lose-a-message", "silent-canary"]


FOLLOWED = set()


def run(name, folder, planted=None):
    """What was measured; a `Finding` where it is not as promised."""
    if name == "objectives":
        return objectives(folder, planted)
    drill = Drill(name, folder, PLANTED_PATIENCE_SECONDS if planted else PATIENCE_SECONDS, brokers=2 if name == "region" else 1)
    try:
        DRILLS[name](drill, planted)
        return drill.measured
    except Failed as error:
        raise Finding(str(error)) from error
    finally:
        FOLLOWED.update(drill.followed)
        drill.end()


def not_followed():
    """Blocks that are marked as practised, and were not."""
    marked = {(path.stem, block) for path in FOLDER.glob("*.md") for block in Runbook(path.stem).blocks}
    return sorted(f"{name}.md: {block}" for name, block in marked - FOLLOWED if (name, block) != ("README", "environment"))


def seconds(value):
    return f"{value:.1f} s" if value is not None else "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=DRILLS)
    parser.add_argument("--few", action="store_true", help="what continuous integration has the time for")
    parser.add_argument("--planted", choices=PLANTED, help="make this mistake alone, and show what is found")
    parser.add_argument("--keep", help="keep logs here")
    options = parser.parse_args()
    # Members are processes of their own, and are ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(options.keep or tempfile.mkdtemp(prefix="tidewatch-drill-")).resolve()
    failed = False
    try:
        drills, mistakes = FEW if options.few else (list(DRILLS), list(PLANTED))
        if options.only or options.planted:
            drills, mistakes = options.only or [], [options.planted] if options.planted else []
        print(f"{'LOST':<14}{'REPORT':>10}{'PAGE':>10}{'MISSING':>12}{'REPEATED':>10}")
        for name in drills:
            try:
                measured = run(name, folder / name)
                print(f"{name:<14}{seconds(measured.get('first correct report')):>10}{seconds(measured.get('first page')):>10}"
                      f"{measured['missing minutes']:>8} min{measured.get('repeated pages', '–'):>10}", flush=True)
            except Finding as finding:
                failed = True
                print(f"{name:<14} FAILED: {finding}", flush=True)
        for name in mistakes:
            drill, says = PLANTED[name]
            try:
                run(drill, folder / f"planted-{name}", name)
                failed = True
                print(f"planted {name}: NOT FOUND by {drill}", flush=True)
            except Finding as finding:
                found = says in str(finding)
                failed = failed or not found
                print(f"planted {name}: {'found' if found else 'NOT FOUND, but'} by {drill}: {finding}", flush=True)
        if drills == list(DRILLS) and not failed and (left := not_followed()):
            failed = True
            print(f"marked as practised, and not run: {', '.join(left)}")
    finally:
        if not options.keep and not failed:
            shutil.rmtree(folder, ignore_errors=True)
    if failed:
        print(f"logs are in {folder}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
