"""A little that becomes a lot: bombs, groups without end, few file descriptors, connections that say nothing."""

import gzip
import re
import subprocess
import time

from agents import agents
from inputs import BEGIN, CALLS, call
from kafka import Live, awaited
from live import ROWS as LIVE
from measures import below, healthy, log, peak_megabytes, started, within
from rows import BINARY, Row, Test, run, write

# They measure times and memory, each of a consumer of its own.
AT_ONCE = 2
NOW = int(time.time())
ONE_MORE = call(NOW - 400, "behind")
MEMORY = 300
AGENTS = agents()


def letters(live):
    return len(live.read("tidewatch.deadletter"))


def bomb(lines, compressed=True):
    """Short lines in one message of one partition, and a record in another."""
    def look(folder, data):
        message = b"x\n" * lines
        with Live(folder, CALLS, partitions=2) as live:
            live.send((NOW * 1000, gzip.compress(message) if compressed else message), partition=0)
            live.start()
            awaited(lambda: live.metric("tidewatch_partition_position"))
            began = time.monotonic()
            live.send((NOW * 1000, ONE_MORE), partition=1)
            awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 1, 30)
            seconds = time.monotonic() - began
            probes = healthy(live)
            awaited(lambda: live.metric("tidewatch_events_dead_lettered_total") >= lines, 60)
            total = live.metric("tidewatch_events_dead_lettered_total")
            awaited(lambda: letters(live) >= 101, 10)
            memory = peak_megabytes(live.consumer)
            status, stopping = live.stop()
            return (f"{total:.0f} rejected, {letters(live)} dead letters; the other partition {within(seconds, 5)}; {probes} of 3 probes; "
                    f"{below(memory, MEMORY, 'MB')}; status {status} {within(stopping, 10)}")
    return "run; kill -TERM", look


def stopped_within(folder, data):
    """65 kB that expand to 64 MiB of short lines, and SIGTERM while they are read."""
    with Live(folder, CALLS) as live:
        live.send((NOW * 1000, gzip.compress(b"x\n" * (32 << 20), 1)))
        live.start()
        awaited(lambda: live.metric("tidewatch_unflushed_message_seconds") > 1, 20)
        probes = healthy(live)
        memory = peak_megabytes(live.consumer)
        status, seconds = live.stop()
        return (f"{probes} of 3 probes; {below(memory, MEMORY, 'MB')}; status {status} {within(seconds, 10)}; "
                f"{'at most 101' if letters(live) <= 101 else letters(live)} dead letters")


def few_descriptors(files):
    def look(folder, data):
        with Live(folder, CALLS) as live:
            live.send((NOW * 1000, ONE_MORE))
            said = started(live, files=files).counted(1)
            probes = healthy(live)
            status, seconds = live.stop()
            return f"{said}; {probes} of 3 probes; status {status} {within(seconds, 10)}"
    return f"ulimit -n {files}; run; kill -TERM", look


def little_memory(folder, data):
    """A gigabyte of address space: a status and a word, or work that is done."""
    with Live(folder, CALLS) as live:
        live.send((NOW * 1000, ONE_MORE))
        limited = ["sh", "-c", f"ulimit -v 1000000; exec {BINARY} run --config settings.yaml"]
        with open(f"{folder}/log", "ab") as output:
            live.consumer = subprocess.Popen(limited, cwd=folder, stdout=output, stderr=output)
        awaited(lambda: live.consumer.poll() is not None or live.metric("tidewatch_events_decoded_total") >= 1, 20)
        status = live.consumer.poll()
        if status is None:
            return f"works, status {live.stop()[0]}"
        return f"{'killed' if status < 0 else 'ended'}, {'with' if log(live).strip() else 'without'} a word"


def long_agents(resources, minute_count, bound):
    """Distinct user agents of a kilobyte, so many a minute of event time for six minutes."""
    def look(folder, data):
        return flooded(folder, resources, minute_count, bound)
    return "run", look


def flooded(folder, resources, minute_count, bound):
    with Live(folder, resources) as live:
        with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
            text = file.read()
        # The embedded broker keeps some megabytes of a partition: compressed ones, as they are outside of these rows.
        write(folder, "settings.yaml", text.replace(", compression.type: none", ""))
        for minute in range(6):
            lines = "".join(call(NOW - 900 + 60 * minute, f"{minute}-{number}", more=f',"userAgent":"{minute}-{number}-{"x" * 1010}"')
                            for number in range(minute_count))
            live.send((NOW * 1000, gzip.compress(lines.encode(), 1)))
        live.start()
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 6 * minute_count, 90)
        awaited(lambda: live.metric("tidewatch_partition_unflushed_events") == 0, 20)
        if live.consumer.poll() is not None:
            return log(live)[-300:]
        decoded, memory = live.metric("tidewatch_events_decoded_total"), peak_megabytes(live.consumer)
        return f"{decoded:.0f} decoded; {below(memory, bound, 'MB')}"


def junk_groups(folder, data):
    """A quarter of a million groups in front of one that has its burst, as a file; what is untracked is in the statistics."""
    write(folder, "resources.yaml", AGENTS)
    run(folder, "replay", "--resources", "resources.yaml", "--out", "out", "-", data=data)
    with open(f"{folder}/out/stats.json", encoding="utf-8") as file:
        stats = file.read()
    with open(f"{folder}/out/rollups/agents.csv", "rb") as file:
        total = sum(int(line.rsplit(b",", 1)[1]) for line in list(file)[1:])
    with open(f"{folder}/out/alerts.ndjson", "rb") as file:
        alerts = len(file.readlines())
    untracked = re.search(r'"untracked_groups":\{"agents":(\d+)\}', stats)
    return f"sum {total}; {'untracked ones are told' if untracked and int(untracked[1]) > 0 else 'nothing is told of untracked ones'} [{alerts} transitions]"


def junk():
    for number in range(210_000):
        yield f'{{"eventTime":"2026-01-15T09:0{number // 70_000}:00Z","eventID":"j{number}","userAgent":"junk-{number}"}}\n'
    for minute in range(5, 25):
        for number in range(500 if minute == 20 else 2 + minute % 2):
            yield call(BEGIN + 60 * minute, f"v-{minute}-{number}", more=',"userAgent":"victim"')


FOLDED = AGENTS.replace("measures:", "groupsMax: 10, measures:")


def named_as_the_rest(folder, data):
    """Groups beyond a bound, and one that is called as the rest is: which rows there are."""
    write(folder, "resources.yaml", FOLDED)
    run(folder, "replay", "--resources", "resources.yaml", "--out", "out", "-", data=data)
    with open(f"{folder}/out/rollups/agents.csv", encoding="utf-8") as file:
        rows = [line.rstrip().split(",") for line in file][1:]
    rest = [row for row in rows if row[1].startswith("(other)")]
    real = [row for row in rows if row[1] == "other"]
    return (f"{len(rows)} rows, sum {sum(int(row[-1]) for row in rows)}; the rest {'+'.join(row[-1] for row in rest) or 'has no row'}, "
            f"a group called other {'+'.join(row[-1] for row in real) or 'has no row'}")


def lines_of_a_file(folder, data):
    done = run(folder, "decode", "--format", "cloudtrail", "--dead-letter", "dead.ndjson", "-", data=data)
    return "; ".join(line.strip() for line in done.stderr.decode().splitlines())


NAMED = "".join(call(BEGIN, f"o-{number}", more=f',"userAgent":"{name}"') for number, name in enumerate(
    ["other"] * 5 + ["(other)"] * 3 + [f"agent-{each}" for each in range(20)]))
ROWS = [
    Row("1 MB of short lines in one message", *bomb(524_288, compressed=False), "",
        "524288 rejected, 101 dead letters; the other partition within 5 s; 3 of 3 probes; below 300 MB; status 0 within 10 s"),
    Row("4 kB that expand to 4 MiB of short lines", *bomb(2_097_152), "",
        "2097152 rejected, 101 dead letters; the other partition within 5 s; 3 of 3 probes; below 300 MB; status 0 within 10 s"),
    Row("65 kB that expand to 64 MiB of short lines, and SIGTERM", "run; kill -TERM", stopped_within, "",
        "3 of 3 probes; below 300 MB; status 0 within 10 s; at most 101 dead letters"),
    Row("1 MB of short lines in a file", "decode --format cloudtrail --dead-letter dead.ndjson -", lines_of_a_file, b"x\n" * 524_288,
        "decoded 0, dead-lettered 524288; invalid_json: 524288"),
    Row("64 file descriptors", *few_descriptors(64), "", "total 1, bad 0, incomplete; 3 of 3 probes; status 0 within 10 s"),
    Row("a gigabyte of address space", "ulimit -v 1000000; run", little_memory, "", "works, status 0", True),
    # At the bound: 257 to 331 MB were measured, some 50 of them in the allocator's arenas.
    Row("90,000 user agents of 1 kB", *long_agents(AGENTS.split("---")[0], 15_000, 300), "", "90000 decoded; below 300 MB", is_open=True),
    # An evaluator holds the groups of open windows that a monitor watches.
    Row("60,000 user agents of 1 kB that a monitor watches", *long_agents(AGENTS, 10_000, 400), "", "60000 decoded; below 400 MB"),
    Row("210,000 groups of junk before one with a burst", "replay --resources resources.yaml --out out -", junk_groups,
        gzip.compress("".join(junk()).encode(), 1), "sum 210548; untracked ones are told"),
    Row("a group that is called as the rest is", "replay --resources resources.yaml --out out -", named_as_the_rest, NAMED,
        "11 rows, sum 28; the rest 12, a group called other 5"),
    *[row for row in LIVE if row.name == "an event of 500 kB, and one behind it"],
]
TESTS = [
    Test("ten thousand messages that expand to a megabyte each", "bounded memory and dead letters",
         ["HostileMessageTests/messagesThatExpandToAMegabyteStopNoConsumer"]),
]
