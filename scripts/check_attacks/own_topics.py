"""Records that somebody else writes into the topics of our own: without codes they are what the ACLs are for, with codes refused."""

import json
import re
import time

from inputs import CALLS, call
from kafka import Live, awaited
from measures import answer, log
from rows import Row, Test, run, summary, write

AT_ONCE = 4
BEGINS_EARLY = True
SOURCE = {"topic": "input", "partition": 0}
FAR = "2261-01-01T00:00:00Z"
OWN = ["registers", "checkpoints", "windows", "alerts", "notifications", "audit", "deadletter"]
MAC = "outputs: {createTopics: false, recordVersion: %d, mac: {keyFile: mac.key}}"
PLAIN = "outputs: {createTopics: false, recordVersion: %d}"


def forging(forge, tell, codes=False, version=1, failing=False, more=""):
    """100 records, what somebody writes then, 100 more, and a restart; what is told of it."""
    def look(folder, data):
        # A page takes nine minutes in which everything fails.
        now, pace = int(time.time()) - (1500 if failing else 900), 8 if failing else 4

        def sent(prefix):
            return [(now * 1000, call(now + number * pace, f"{prefix}-{number}", failing=failing)) for number in range(100)]

        write(folder, "mac.key", "0123456789abcdef" * 4)
        with Live(folder, CALLS, more=more) as live:
            with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
                text = file.read()
            outputs = (MAC if codes else PLAIN) % version
            write(folder, "settings.yaml", text.replace("outputs: {createTopics: false}", outputs))
            live.send(*sent("before"))
            live.start().counted(100)
            forge(live, now)
            live.send(*sent("after"))
            return tell(live)
    return "run; slo report --config", look


def entries(live):
    return [json.loads(value) for _, value, _ in live.read("tidewatch.registers") if value]


def latest(live):
    """The last update that somebody wrote, and its place."""
    return [entry for entry in entries(live) if (entry.get("kind") or entry.get("entry")) == "update"][-1]


def to_registers(live, entry):
    version = latest(live).get("version", 1)
    entry = {"kind" if version == 1 else "entry": entry.pop("kind"), **entry, "version": version}
    live.send((int(time.time() * 1000), json.dumps(entry), b"input/0"), topic="tidewatch.registers")


def claim(live, now):
    to_registers(live, {"kind": "claim", "source": SOURCE, "epoch": latest(live)["epoch"] + 1000})


def highest_claim(live, now):
    to_registers(live, {"kind": "claim", "source": SOURCE, "epoch": ((1 << 30) - 2) << 32})


def following(live, **more):
    last = latest(live)
    following = {"kind": "update", "source": SOURCE, "epoch": last["epoch"], "from": last["to"],
                 "to": {**last["to"], "offset": last["to"]["offset"] + 1}}
    to_registers(live, {**following, **more})


def billion(live, now):
    minute = time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime(now))
    following(live, objectives=[{"name": "calls", "slices": [[minute, 10**9, 10**9, 0]]}])


def far_watermark(live, now):
    following(live, watermark=FAR)


def unknown(live, now):
    key, value, moment = next(record for record in live.read("tidewatch.windows") if record[1])
    window = json.loads(value)
    window.update(name="forged\x1b[2J\u009b", service="\u202eforged")
    live.send((moment, json.dumps(window), b"forged"), topic="tidewatch.windows")


def erased(live, now):
    keys = {key for key, value, _ in live.read("tidewatch.windows") if value}
    live.send(*[(int(time.time() * 1000), None, key) for key in keys], topic="tidewatch.windows")


def ended_before(live, now):
    """Each alert ends in 2261, by what is written under its key as soon as that is known."""
    awaited(lambda: live.read("tidewatch.alerts"), 30)
    alerts = [(key, json.loads(value)) for key, value, _ in live.read("tidewatch.alerts") if value]
    live.send(*[(int(time.time() * 1000), json.dumps({**alert, "status": "resolved", "time": FAR}), key)
                for key, alert in alerts], topic="tidewatch.alerts")


def garbage(topic):
    def forge(live, now):
        for value in (b"", b"\0", b"[" * 100_000, b'{"version":1}', b"\xff"):
            live.send((int(time.time() * 1000), value, b"input/0"), topic=topic)
    return forge


def refused(live):
    return f"{live.metric('tidewatch_state_records_unauthentic_total'):.0f} refused"


def counts(total):
    """The report once it holds so many, and what was refused."""
    def tell(live):
        return f"{live.counted(total)}; {refused(live)}"
    return tell


def readiness(live):
    """Whether an owner notices that it was superseded by nobody: it looks once a minute."""
    awaited(lambda: answer(live.health, "/readyz")[0] == 503, 90)
    status = answer(live.health, "/readyz")[0]
    said = [line for line in log(live).splitlines() if '"error"' in line and "supersed" in line]
    return f"ready {status}, {'said' if said else 'not said'}"


def stops(live):
    """The status with which the consumer ends, or the one that is started anew, and whether it says where."""
    awaited(lambda: live.consumer.poll() is not None, 8)
    if live.consumer.poll() is None:
        live.stop()
        live.start()
        awaited(lambda: live.consumer.poll() is not None, 8)
    place = re.search(r"tidewatch\.\w+/\d+/\d+", "".join(line for line in log(live).splitlines() if "error" in line or "tidewatch run" in line))
    return f"status {live.consumer.poll()}, {'place named' if place else 'place not named'}"


def marked(live):
    live.stop()
    report = live.report()
    forged = [slo for slo in report["slos"] if "forged" in slo["name"]]
    table = run(live.folder, "slo", "report", "--config", "settings.yaml").stdout.decode()
    active = sum(character in "\x1b\u009b\u202e" for character in table)
    told = sum("unknown" in json.dumps(slo.get("warnings", [])) for slo in forged)
    return f"{len(forged)} forged, {told} marked, {active} active characters; {refused_in(report)}"


def refused_in(report):
    told = [warning for warning in report.get("warnings", []) if warning.get("code") == "records_unauthentic"]
    return f"{len(told)} said to be refused"


def history(live):
    live.counted(200)
    live.stop()
    report = live.report()
    return f"{summary(report) or 'nothing'}; {refused_in(report)}"


def after_a_restart(live):
    """What is open after it was ended by somebody else and the consumer was started anew."""
    live.counted(200)
    live.stop()
    live.start()
    awaited(lambda: live.metric("tidewatch_alerts_open") >= 1, 15)
    done = run(live.folder, "alerts", "list", "--config", "settings.yaml", "--format", "json")
    return f"{live.metric('tidewatch_alerts_open'):.0f} alerts open, {len(done.stdout.splitlines())} listed as open"


def inputs(folder, data):
    """How many of our own topics are taken as an input."""
    statuses = []
    for prefix, more in (("tidewatch.", ""), ("estate.", "  outputs: {prefix: estate.}\n")):
        for name in OWN:
            write(folder, "settings.yaml", "apiVersion: tidewatch/v1\nkind: Settings\nmetadata: {name: s}\nspec:\n"
                  f"  kafka: {{bootstrapServers: 'b:9092'}}\n  inputs: [{{topic: {prefix}{name}}}]\n{more}")
            statuses.append(run(folder, "config", "check", "settings.yaml").returncode)
    return f"{statuses.count(2)} of {len(statuses)} refused"


ROWS = [
    Row("without codes: a claim of a later epoch that nobody has", *forging(claim, readiness), "", "ready 503, said"),
    Row("without codes: a claim of the last lineage there is", *forging(highest_claim, readiness), "", "ready 503, said"),
    Row("without codes: an update that follows and adds a billion: as it is written", *forging(billion, counts(10**9 + 100)), "",
        "total 1000000100, bad 0, incomplete; 0 refused"),
    Row("without codes: a history of an SLO that no resource has", *forging(unknown, marked), "",
        "1 forged, 1 marked, 0 active characters; 0 said to be refused"),
    *[Row(f"without codes: garbage in {topic}", *forging(garbage(topic), stops), "", "status 1, place named")
      for topic in ("tidewatch.registers", "tidewatch.windows", "tidewatch.checkpoints")],
    Row("without codes, records of version 2: ends of alerts, dated 2261", *forging(
        ended_before, after_a_restart, version=2, failing=True), "", "1 alerts open, 0 listed as open"),
    *[Row(f"with codes: {name}", *forging(forge, tell, codes=True, version=2, **more), "", right) for name, forge, tell, more, right in [
        ("a claim of a later epoch", claim, counts(200), {}, "total 200, bad 0, incomplete; 1 refused"),
        ("a claim of the last lineage there is", highest_claim, counts(200), {}, "total 200, bad 0, incomplete; 1 refused"),
        ("an update that adds a billion", billion, counts(200), {}, "total 200, bad 0, incomplete; 1 refused"),
        ("an update with a date in 2261", far_watermark, counts(200), {}, "total 200, bad 0, incomplete; 1 refused"),
        ("a history of an SLO that no resource has", unknown, marked, {},
         "0 forged, 0 marked, 0 active characters; 1 said to be refused"),
        ("a history that is taken out", erased, history, {}, "total 200, bad 0, incomplete; 1 said to be refused"),
        ("ends of alerts, dated 2261", ended_before, after_a_restart, {"failing": True}, "1 alerts open, 1 listed as open"),
        ("garbage in tidewatch.registers", garbage("tidewatch.registers"), counts(200), {}, "total 200, bad 0, incomplete; 5 refused"),
    ]],
    Row("topics of our own as inputs", "config check settings.yaml", inputs, "", "14 of 14 refused"),
]
TESTS = [
    Test("unreadable, newer or unconnected records of our own", "the reader stops, and says which", [
        "StateRecordEndToEndTests/aNewerRecordStopsItsReaderUntilItIsPassedOver",
        "StateRecordTests/aNewerRecordIsRefusedByNamesOfBothVersions"]),
]
