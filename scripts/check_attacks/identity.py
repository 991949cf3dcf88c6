"""Who takes another's identity: events under a known eventID, groups under another's dedup key."""

import gzip
import json
import time

from agents import agents
from inputs import BEGIN, CALLS, call
from kafka import Live, awaited
from rows import Row, Test, run, summary, write

AT_ONCE = 4
INSIGHT = ',"eventCategory":"Insight","eventType":"AwsCloudTrailInsight"'
WRITES = ',"readOnly":false,"errorCode":"AccessDenied"'


def real(seconds, name="DeleteTrail"):
    return call(seconds, "known", "cloudtrail", name, more=WRITES)


def conflicts(live):
    return live.metric("tidewatch_events_conflicting_total")


def over_kafka(*makers):
    """Totals, audit records and counters of records that are sent one after the other."""
    def look(folder, data):
        now = int(time.time()) - 400
        with Live(folder, CALLS) as live:
            for maker in makers:
                live.send((now * 1000, maker(now)))
            live.start()
            awaited(lambda: live.metric("tidewatch_events_decoded_total")
                    + live.metric("tidewatch_events_dead_lettered_total") >= len(makers), 30)
            awaited(lambda: live.report()["slos"] and live.report()["slos"][0]["total"], 20)
            awaited(lambda: len(live.read("tidewatch.audit")), 10)
            return (f"{summary(live.report())}; audited {len(live.read('tidewatch.audit'))}, conflicts {conflicts(live):.0f}, "
                    f"duplicates {live.metric('tidewatch_events_duplicate_total'):.0f}, "
                    f"dead letters {live.metric('tidewatch_events_dead_lettered_total'):.0f}")
    return "run; slo report --config", look


def as_file(folder, data):
    write(folder, "slo.yaml", CALLS)
    done = run(folder, "replay", "--resources", "slo.yaml", "--out", "out", "--report", "json", "-", data=data)
    with open(f"{folder}/out/stats.json", encoding="utf-8") as file:
        stats = json.load(file)
    return (f"{summary(json.loads(done.stdout))}; audited {stats['audit_records']}, conflicts {stats['conflicts']}, "
            f"duplicates {stats['duplicates']}")


def forgotten(folder, data):
    """An event, more identities than are kept, and the event again."""
    now = int(time.time()) - 400
    between = "".join(call(now, f"between-{number}") for number in range(1500))
    with Live(folder, CALLS) as live:
        with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
            text = file.read()
        write(folder, "settings.yaml", text.replace("idleTimeout: 2s", "idleTimeout: 2s, deduplicationEvents: 1000"))
        live.send((now * 1000, real(now)), (now * 1000, gzip.compress(between.encode())), (now * 1000, real(now)))
        said = live.start().counted(1502)
        told = live.metric("tidewatch_dedup_evictions_total")
        return f"{said}; {'forgotten ones are told' if told >= 500 else f'{told:.0f} forgotten'}"


# Found by a lattice reduction: in FNV-1a of 128 bits, behind what stands in front of them in a key of the monitor below, both have one hash.
PAIR = ("VHY1s8q58AL7A.abT6gkNor88ctB2E-Jj-3Z", "Y7Q_McW-3OZrErb90jn-s3QR6lWBSJjyW75W")
IN_FRONT = "7:anomaly6:agents9:userAgent36:"
AGENTS = agents(5)


def fnv1a_128(text):
    state = 0x6C62272E07BB014262B821756295C58D
    for byte in text.encode():
        state = (state ^ byte) * 0x0000000001000000000000000000013B % (1 << 128)
    return state


def bursts():
    """Two agents with some calls a minute, and a minute each with many."""
    for minute in range(24):
        for place, agent in enumerate(PAIR):
            count = 300 if minute == 12 + 2 * place else 2 + minute % 2
            for number in range(count):
                yield call(BEGIN + 60 * minute, f"{agent}-{minute}-{number}", more=f',"userAgent":"{agent}"')


def colliding(folder, data):
    write(folder, "resources.yaml", AGENTS)
    run(folder, "replay", "--resources", "resources.yaml", "--outputs", "alerts", "--out", "out", "-", data=data)
    with open(f"{folder}/out/alerts.ndjson", encoding="utf-8") as file:
        alerts = [json.loads(line) for line in file]
    alike = len({fnv1a_128(IN_FRONT + agent) for agent in PAIR}) == 1
    return f"{'one FNV-1a' if alike else 'no collision'}, {len(alerts)} transitions, {len({alert['dedup_key'] for alert in alerts})} keys"


# Half a million identities between a record and its second delivery.
LONG = gzip.compress((real(BEGIN) + "".join(
    f'{{"eventTime":"2026-01-15T09:00:00Z","eventID":"i{number}"}}\n' for number in range(505_000)) + real(BEGIN)).encode(), 1)
ROWS = [
    Row("an insight under the eventID, before the call that is audited", *over_kafka(
        lambda now: call(now, "known", "cloudtrail", "DeleteTrail", more=INSIGHT), real), "",
        "total 2, bad 1, violated; audited 1, conflicts 1, duplicates 0, dead letters 0"),
    Row("an event of next year under the eventID, before the call", *over_kafka(
        lambda now: call(now + 31_536_000, "known", "cloudtrail", "StopLogging"), lambda now: real(now, "StopLogging")), "",
        "total 1, bad 1, violated; audited 1, conflicts 1, duplicates 0, dead letters 1"),
    Row("another event under the eventID, behind the call", *over_kafka(
        real, lambda now: call(now, "known", "cloudtrail", "DescribeTrails")), "",
        "total 2, bad 1, violated; audited 2, conflicts 1, duplicates 0, dead letters 0"),
    Row("the call, delivered twice", *over_kafka(real, real), "",
        "total 1, bad 1, violated; audited 1, conflicts 0, duplicates 1, dead letters 0"),
    Row("an insight under the eventID, in a file", "replay --resources slo.yaml --out out -", as_file,
        call(BEGIN, "known", "cloudtrail", "DeleteTrail", more=INSIGHT) + real(BEGIN),
        "total 2, bad 1, violated; audited 1, conflicts 1, duplicates 0"),
    Row("505,000 identities between a call and its second delivery, in a file", "replay --resources slo.yaml --out out -", as_file, LONG,
        "total 505001, bad 1, incomplete; audited 1, conflicts 0, duplicates 1"),
    Row("1,500 identities between them where 1,000 are kept", "run; slo report --config", forgotten, "",
        "total 1502, bad 2, incomplete; forgotten ones are told"),
    Row("two user agents with one FNV-1a hash", "replay --resources resources.yaml --outputs alerts --out out -", colliding,
        "".join(bursts()), "one FNV-1a, 4 transitions, 2 keys"),
]
TESTS = [
    Test("another event under a known eventID", "both count and are audited, whoever came first",
         ["PartitionCounterTests/aDecoyUnderTheSameIdentityHidesNothing"]),
    Test("alerts that are open under a former key", "end under it", [
        "FormerKeyTests/anAlertEndsUnderTheKeyThatItOpenedUnder", "FormerKeyTests/whatIsOpenUnderBothKeysEndsUnderBoth"]),
]
