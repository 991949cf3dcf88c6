"""What each drill loses, how it comes back by a runbook, and the mistakes that each must find."""

import datetime
import hashlib
import json
import subprocess
import time

import canaries
import objects
import references
from drill import BINARY, Finding, counts
from pods import awaited
from runbook import FOLDER
from traffic import rfc3339

OWN = "tidewatch."
# What the replication had not brought over when the first region went.
LAG_MINUTES = 2
WRONG_MINUTES = 3


def changelog(drill, planted):
    """The log of what is counted is gone, under checkpoints and windows that are there."""
    drill.begin()
    history = drill.traffic.spans[0].end
    drill.lose(OWN + "registers")
    drill.outage()
    if planted != "skip-restore":
        drill.follow("README", "here")
        drill.follow("lost-changelog", "stop", "begin-anew", "start", "report-before", "check", change=instead(planted == "report-here", (
            'kubectl -n "$NAMESPACE" exec "$LIVE" -- tidewatch slo report --config /etc/tidewatch/settings-before.yaml',
            'tidewatch slo report --config "${SETTINGS%.yaml}-before.yaml"')))
    drill.recovered()
    former = drill.settings.with_name("settings-before.yaml")
    if drill.report(history, former) != drill.traffic.expected(history):
        raise Finding("what the former prefix had of before can't be read any more")
    if counts((drill.folder / "work/report-before.json").read_text()) != drill.report(settings=former):
        raise Finding("the report of before is not what the former prefix has")


def checkpoints(drill, planted):
    drill.begin()
    drill.lose(OWN + "checkpoints")
    drill.outage()
    drill.follow("lost-topic", "stop", "log-is-whole", "without-checkpoints", "start", "check",
                 change=instead(planted == "one-name", ("scale deployment -l app.kubernetes.io/name=tidewatch", "scale deployment/tidewatch")))
    drill.recovered()
    no_repetition(drill)


def windows(drill, planted):
    drill.begin()
    drill.lose(OWN + "windows")
    drill.outage()
    drill.follow("lost-topic", "stop", "log-is-whole", "without-windows", "start", "check",
                 change=instead(planted == "keep-checkpoints", ("--topic tidewatch.checkpoints", "--topic tidewatch.nothing")))
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
    drill.follow("README", "here")
    drill.follow("lost-changelog", "stop", "begin-anew", "start", "check",
                 change=instead(planted == "keep-group", ("groupID: tidewatch-b", "groupID: tidewatch"), (r"\1 tidewatch-b/", r"\1 tidewatch/")))
    drill.recovered()


def instead(is_planted, *changes):
    """How somebody might mistake a runbook's commands."""
    def change(text):
        for right, wrong in changes if is_planted else ():
            text = text.replace(right, wrong)
        return text
    return change


def region(drill, planted):
    """The first region with its broker is gone; the second has the inputs but for the last minutes, in other partitions and at other offsets."""
    drill.begin()
    with drill.traffic.lock:
        drill.traffic.lags = planted != "forget-the-lag"
        for _ in range(LAG_MINUTES):
            drill.traffic.send(1)
        drill.lose(everything=True)
        drill.here = 1
        drill.follow("README", "here")
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
    estate = drill.estate
    text = estate.read_text()
    with drill.traffic.lock:
        if not drill.counted():
            raise Finding(drill.difference())
        estate.write_text(text.replace('event.eventType == "AwsApiCall"', 'event.eventType == "NoSuchCall"'))
        drill.apply()
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
    objects.deliver(BINARY, drill.traffic.spans, drill.buckets, without_one=planted == "lose-a-message")
    drill.lost_at = time.monotonic()
    drill.broker.end()
    drill.follow("README", "here")
    (drill.folder / "work/estate.json").write_text(json.dumps({"bucket_names": objects.BUCKETS}))
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
    return {}


def names(folder, planted):
    """What the runbooks refer to is there."""
    change = instead(planted == "wrong-names", ("tidewatch_partition_lag_records", "tidewatch_lag"), ("slo report --config", "slo report --settings"))
    if found := references.dangling(change):
        raise Finding("; ".join(found))
    return {}


def no_repetition(drill):
    if drill.measured["repeated pages"]:
        raise Finding(f"{drill.measured['repeated pages']} incidents were paged again, which the runbook rules out")


DRILLS = {"changelog": changelog, "checkpoints": checkpoints, "windows": windows, "outputs": outputs, "topics": topics, "region": region,
          "configuration": configuration, "bucket": bucket}
# Installed by `kubectl apply -k`: one Deployment, of one name.
BY_APPLY = ["outputs", "configuration"]
# Without an estate.
ON_PAPER = {"objectives": objectives, "names": names}
# Of each mistake: the drill, what that has to say, and what the members say of it, so that no other trouble is taken for it.
PLANTED = {
    "skip-restore": ("changelog", "differs from the ledger", ["partitions are not taken over yet", "had 3 partitions and has"]),
    "one-name": ("checkpoints", '"tidewatch" not found', [""]),
    "report-here": ("changelog", "the report of before", [""]),
    "keep-group": ("topics", "differs from the ledger", ["counting begins where the group has committed"]),
    "keep-checkpoints": ("windows", "differs from the ledger", ['"restored"']),
    "forget-the-lag": ("region", "were not replicated", [""]),
    "lose-a-message": ("bucket", "other numbers", [""]),
    "silent-canary": ("objectives", "not those of the outage", [""]),
    "wrong-names": ("names", "has no option --settings", [""]),
}
