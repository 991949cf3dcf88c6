"""Texts that somebody else chose, in what people look at: a few here, ten thousand in scripts/check-inert."""

import csv
import gzip
import io
import json
import os
import re
import subprocess
import time

import hostile
from agents import agents
from inputs import BEGIN, CALLS, call
from kafka import Live, awaited
from measures import log
from rows import BINARY, Row, Test, run, write
from sinks import KEY, Receiver

AT_ONCE = 4
KINDS = ("formula", "escape", "c1", "lines", "bidi", "invisible", "markdown", "mention", "html")
TEXTS = [text for kind in KINDS for text in hostile.FRAGMENTS[kind] if text.strip()]
ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
AGENTS = agents(3)


def by(texts, start, counts=(1,)):
    for place, text in enumerate(texts):
        for minute, count in enumerate(counts):
            for number in range(count):
                yield call(start + 60 * minute, f"o-{place}-{minute}-{number}", more=f',"userAgent":{json.dumps(text)}')


def active(text):
    return len(ACTIVE.findall(text))


def formulas(text):
    """Cells that a spreadsheet computes, numbers aside."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    starts = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    return sum(cell.lstrip().startswith(starts) and not re.fullmatch(r"[-+]?[0-9.e+-]*", cell.strip()) for cell in cells)


def in_rows(folder, data):
    write(folder, "resources.yaml", AGENTS)
    run(folder, "replay", "--resources", "resources.yaml", "--out", "out", "-", data=data)
    found = []
    for name in ("rollups", "anomalies"):
        with open(f"{folder}/out/{name}/agents.csv", encoding="utf-8", newline="") as file:
            found.append(file.read())
    return f"{sum(map(formulas, found))} formulas, {sum(map(active, found))} active characters [{sum(map(len, found))} characters]"


def printed(*words):
    """What a command prints of hostile texts, to standard output and standard error."""
    def look(folder, data):
        write(folder, "resources.yaml", AGENTS)
        write(folder, "input", data)
        done = run(folder, *words)
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        return f"{active(text)} active characters [{len(text)} characters]"
    return " ".join(words), look


def feed(folder, data):
    """The alerts of groups with hostile names, as each command shows them, and what a receiver is sent."""
    receiver = Receiver()
    now = int(time.time())
    texts = TEXTS
    lines = "".join(by(texts, now // 60 * 60 - 1500, (1, 2, 1, 2, 40)))
    more = f"  pagerDuty: {{routingKey: {KEY}, endpoint: '{receiver.address}'}}\n  logging: {{format: text}}\n"
    with Live(folder, AGENTS, more=more) as live:
        live.send((now * 1000, gzip.compress(lines.encode())))
        live.start()
        awaited(lambda: len(receiver.bodies) >= len(set(texts)) // 2, 40)
        config = ("--config", "settings.yaml")
        shown = [run(folder, *words, *config).stdout.decode() for words in (
            ("alerts", "list", "--all"), ("alerts", "list", "--all", "--format", "json"))]
        live.stop()
        posted = [json.loads(body)["payload"] for body in list(receiver.bodies)]
        summaries = [str(payload[name]) for payload in posted for name in ("summary", "source") if name in payload]
        marked = sum(bool(re.search(r"<[!@#]|<https?:|\]\(|https?://|(?<![\w.])@(?:here|channel)", text)) for text in summaries)
        lines = sum("\n" in text or active(text) > 0 for text in summaries)
        logged = [line for line in log(live).splitlines() if not re.match(r"\d{4}-\d\d-\d\dT\S+ \w+ ", line)]
        count = len(shown[1].splitlines())
        return (f"{'alerts' if count and posted else 'no alert'}, {sum(active(text) for text in shown)} active characters, {marked} with markup, "
                f"{lines} of more than a line, {len(logged)} forged log lines [{count} alerts, {len(posted)} posted]")


def forged_feed(folder, data):
    """Records in the feed that somebody else wrote, in a text log and in tables."""
    receiver = Receiver()
    more = f"  pagerDuty: {{routingKey: {KEY}, endpoint: '{receiver.address}'}}\n  logging: {{format: text}}\n"
    moment = int(time.time())
    with Live(folder, CALLS, more=more) as live:
        live.send(*[(moment * 1000, call(moment - 1800 + number * 4, f"f-{number}", failing=True)) for number in range(150)])
        live.start()
        awaited(lambda: live.read("tidewatch.alerts"), 40)
        key, value, _ = live.read("tidewatch.alerts")[0]
        alert = json.loads(value)
        severity = "critical\n2026-01-15T09:00:00Z critical forged \x1b[2J\u202e\u009b31m"
        live.send((moment * 1000, json.dumps({**alert, "severity": severity, "dedup_key": "forged/a"}), b"forged/a"), topic="tidewatch.alerts")
        live.send((moment * 1000, json.dumps({**alert, "summary": severity, "dedup_key": "forged/b", "source": severity}), b"forged/b"),
                  topic="tidewatch.alerts")
        awaited(lambda: "forged" in log(live) or live.consumer.poll() is not None, 20)
        done = run(folder, "alerts", "list", "--all", "--config", "settings.yaml")
        text = (done.stdout + done.stderr).decode() + log(live)
        forged = sum(line.startswith("2026-01-15T09:00:00Z critical forged") for line in text.splitlines())
        return f"{forged} forged lines, {active(text)} active characters, {'told' if 'forged' in log(live) else 'not told'}"


def same_everywhere(folder, data):
    """A report in some languages and time zones: whether the bytes are the same."""
    write(folder, "slo.yaml", CALLS)
    found = set()
    for language, zone in (("C", "UTC"), ("de_DE.UTF-8", "Asia/Kolkata"), ("tr_TR.UTF-8", "America/St_Johns")):
        done = subprocess.run([BINARY, "replay", "--resources", "slo.yaml", "--report", "json", "-"], cwd=folder, input=data,
                              capture_output=True, check=False, env={**os.environ, "LC_ALL": language, "TZ": zone})
        found.add(done.stdout)
    return f"{len(found)} different"


BROKEN = "".join(json.dumps({"eventTime": text}) + "\n" for text in TEXTS)
ROWS = [
    Row("formulas and controls as user agents, in CSV", "replay --resources resources.yaml --out out -", in_rows,
        "".join(by(TEXTS, BEGIN, (1, 2, 1, 2, 40))), "0 formulas, 0 active characters"),
    Row("controls as user agents, decode", *printed("decode", "input"), "".join(by(TEXTS, BEGIN)), "0 active characters"),
    Row("controls as times, dead letters", *printed("decode", "--dead-letter", "/dev/stdout", "input"), BROKEN, "0 active characters"),
    Row("controls and markup as user agents, alerts, a receiver of them and the log", "run; alerts list --all", feed, "",
        "alerts, 0 active characters, 0 with markup, 0 of more than a line, 0 forged log lines"),
    Row("forged alerts, a text log and tables", "run; alerts list --all", forged_feed, "",
        "0 forged lines, 0 active characters, told"),
    Row("languages and time zones", "LC_ALL=L TZ=Z replay --resources slo.yaml --report json -", same_everywhere,
        "".join(call(BEGIN + number, f"l-{number}") for number in range(100)), "1 different"),
]
TESTS = [
    Test("ten thousand hostile strings, each output read by a parser of its kind: scripts/check-inert", "nothing is active", [
        "InertTests/noActiveCharacterIsLeftByAnyKind", "InertTests/htmlIsText", "InertTests/labelsOfMetricsAreOneLine"]),
]
