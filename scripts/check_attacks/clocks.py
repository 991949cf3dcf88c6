"""Long histories, and records that say another time than it is."""

import gzip
import time

from counting import ROWS as COUNTING
from inputs import BEGIN, CALLS, call, minutes
from kafka import Live, awaited
from rows import Row, Test, report, run, summary, write
from times import ROWS as TIMES

AT_ONCE = 4
FAR = 4_070_908_800  # 2099-01-01T00:00:00Z
MONTH = minutes(43_200)
HALF_FAILING = "".join(call(BEGIN + number, f"h-{number}", failing=number % 2 == 0) for number in range(200))
LATEST_FIRST = call(9_190_000_000, "far") + HALF_FAILING


def some(prefix, count, seconds, failing):
    return [call(seconds + number // 4, f"{prefix}-{number}", failing=failing(number)) for number in range(count)]


def tombstones(live, topic="tidewatch.windows"):
    return sum(value is None for _, value, _ in live.read(topic))


def dead_letters(live):
    return live.metric("tidewatch_events_dead_lettered_total")


def far_in(*poisoned, partitions=4, restarts=False):
    """100 of 200 fail; records of 2099 come into some partitions; then 200 failures, and after a restart 50 more."""
    def look(folder, data):
        now = int(time.time())

        def send(records, moment=now):
            for partition in range(partitions):
                live.send(*[(moment * 1000, record) for record in records[partition::partitions]], partition=partition)

        with Live(folder, CALLS, partitions=partitions) as live:
            send(some("before", 200, now - 600, lambda number: number // 4 % 2 == 0))
            live.start().counted(200)
            for partition in poisoned:
                live.send((FAR * 1000, call(FAR, f"far-{partition}")), partition=partition)
            awaited(lambda: dead_letters(live) >= len(poisoned), 20)
            send(some("after", 200, now - 300, lambda _: True))
            said = live.counted(400)
            if restarts:
                live.stop()
                live.start()
                send(some("again", 50, now - 200, lambda _: True))
                said = live.counted(450)
                return f"{said}; {tombstones(live)} tombstones"
            return f"{said}; {dead_letters(live):.0f} dead letters, {tombstones(live)} tombstones"
    return "run; slo report --config", look


def kafka_times(moment, event_time):
    """What comes of 50 failures whose Kafka records have another time than their events."""
    def look(folder, data):
        now = int(time.time())
        with Live(folder, CALLS) as live:
            live.send(*[((now + moment) * 1000, record) for record in some("k", 50, now + event_time, lambda _: True)])
            live.start()
            live.send(*[(now * 1000, record) for record in some("n", 50, now - 300, lambda _: True)])
            awaited(lambda: live.metric("tidewatch_events_decoded_total") + dead_letters(live) >= 100, 30)
            awaited(lambda: summary(live.report()) and live.report()["slos"][0]["total"] >= (50 if event_time > 0 else 100), 20)
            return f"{summary(live.report())}; {dead_letters(live):.0f} dead letters, {tombstones(live)} tombstones"
    return "run; slo report --config", look


def month_in_kafka(folder, data):
    lines = data.decode().splitlines(keepends=True)
    with Live(folder, CALLS) as live:
        for place in range(0, len(lines), 4800):
            live.send(*[(BEGIN * 1000, gzip.compress("".join(lines[each:each + 100]).encode(), 1))
                        for each in range(place, min(place + 4800, len(lines)), 100)])
        said = live.start().counted(len(lines))
        return f"{said}; {live.metric('tidewatch_events_late_total'):.0f} late"


def month_of_rows(folder, data):
    """The sum over a rollup's rows."""
    write(folder, "rollup.yaml", "apiVersion: tidewatch/v1\nkind: Rollup\nmetadata: {name: calls}\n"
          "spec: {source: CloudTrail, window: 1m, measures: [{name: n, count: true}]}\n")
    run(folder, "replay", "--resources", "rollup.yaml", "--out", "out", "-", data=data)
    with open(f"{folder}/out/rollups/calls.csv", encoding="utf-8") as file:
        rows = file.read().split()[1:]
    return f"{len(rows)} rows, sum {sum(int(row.split(',')[-1]) for row in rows)}"


ROWS = [
    Row("30 days, a record a minute, as a file", *report(CALLS), MONTH, "total 43200, bad 0, met"),
    Row("30 days, a record a minute, into a rollup", "replay --resources rollup.yaml --out out -", month_of_rows, MONTH,
        "43200 rows, sum 43200"),
    Row("30 days, a record a minute, as a backlog of 432 messages", "run; slo report --config", month_in_kafka, MONTH,
        "total 43200, bad 0, met; 0 late"),
    Row("a Kafka time and a date in 2099 in one partition of four", *far_in(0), "",
        "total 400, bad 300, violated; 1 dead letters, 0 tombstones"),
    Row("a Kafka time and a date in 2099 in all four partitions", *far_in(0, 1, 2, 3), "",
        "total 400, bad 300, violated; 4 dead letters, 0 tombstones"),
    Row("a Kafka time and a date in 2099 in the only partition, and a restart", *far_in(0, partitions=1, restarts=True), "",
        "total 450, bad 350, violated; 0 tombstones"),
    Row("a Kafka time in 2099 on events of now", *kafka_times(FAR - BEGIN, -400), "",
        "total 100, bad 100, violated; 0 dead letters, 0 tombstones"),
    Row("a Kafka time of now on events of next year", *kafka_times(0, 31_536_000), "",
        "total 50, bad 50, violated; 50 dead letters, 0 tombstones"),
    Row("a file that begins with a record of 2261", *report(CALLS), LATEST_FIRST, "total 200, bad 100, violated"),
    *[row for row in TIMES if row.name.startswith("one of 41")],
    *[row for row in COUNTING if row.name == "a record a minute for twenty days"],
]
TESTS = [
    Test("a member's clock an hour ahead, an hour behind, stepping",
         "within a minute counts and alerts are as with a right one; beyond, it takes nothing and says so",
         ["WrongClockTests/aMemberBeyondTheBoundCountsNothingAndSaysSoAndAnotherTakesOver",
          "WrongClockTests/aClockThatStepsWhileItCountsGivesPartitionsUpToTheUnit",
          "JudgedByClockTests/whoCountsARangeAgainJudgesByTheClockThatStandsInItsUpdate"]),
    Test("a year's history with one forged record of each kind on a random day", "every honest number as an oracle has it",
         ["ForgedYearTests/everyNumberOfTheYearIsThatOfTheCallsAndEachForgeryIsNamed"]),
]
