"""What commands make of files: replay, decode, detect, reports."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

import hostile
import parsers
from rows import BINARY

ENVIRONMENT = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
ENVIRONMENT.pop("NO_COLOR", None)


def run(folder, *words, status=0):
    done = subprocess.run([BINARY, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, check=False, timeout=300)
    if done.returncode != status:
        raise RuntimeError(f"tidewatch {' '.join(words)}: status {done.returncode}: {done.stderr[-500:]!r}")
    return done


def on_terminal(folder, *words, columns=120):
    """What a command writes to a terminal, with the ends of lines that the command wrote."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    attributes = termios.tcgetattr(follower)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(follower, termios.TCSANOW, attributes)
    process = subprocess.Popen([BINARY, *words], cwd=folder, env=ENVIRONMENT, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    data = b""
    while True:
        try:
            part = os.read(leader, 1 << 16)
        except OSError:  # The other end is closed.
            break
        if not part:
            break
        data += part
    os.close(leader)
    process.wait(timeout=60)
    return data


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check(outcome, folder, texts):
    with open(f"{folder}/resources.yaml", "w", encoding="utf-8") as file:
        file.write(hostile.resources(texts))
    with open(f"{folder}/once.jsonl", "wb") as file:
        file.writelines(line + b"\n" for line in hostile.events(texts))
    with open(f"{folder}/bursts.jsonl", "wb") as file:
        file.writelines(line + b"\n" for line in hostile.bursts(texts))
    print("Files")
    check_replay(outcome, folder, texts)
    check_decode(outcome, folder, texts)
    check_detect(outcome, folder, texts)
    check_reports(outcome, folder, texts)


def check_replay(outcome, folder, texts):
    done = run(folder, "replay", "--resources", "resources.yaml", "--out", "out", "once.jsonl", "bursts.jsonl")
    outcome.look("replay, standard error", parsers.terminal, done.stderr)
    count = len(texts)
    groups = len(hostile.groups(texts))
    outcome.look("audit.ndjson", parsers.json_lines, read(f"{folder}/out/audit.ndjson"), least=count)
    alerts = outcome.look("alerts.ndjson", parsers.json_lines, read(f"{folder}/out/alerts.ndjson"), least=groups // 2)
    outcome.look("windows.ndjson", parsers.json_lines, read(f"{folder}/out/windows.ndjson"))
    outcome.look("deadletter.ndjson", parsers.json_lines, read(f"{folder}/out/deadletter.ndjson"), least=0)
    outcome.look("report.json", parsers.json_lines, read(f"{folder}/out/report.json"))
    outcome.look("stats.json", parsers.json_lines, read(f"{folder}/out/stats.json"))
    for name in ("agents", "bursts"):
        outcome.look(f"rollups/{name}.csv", parsers.csv_rows, read(f"{folder}/out/rollups/{name}.csv"), least=groups)
    outcome.look("anomalies/bursts.csv", parsers.csv_rows, read(f"{folder}/out/anomalies/bursts.csv"), least=groups // 2)
    # Escapes change nothing of what a reader gets: the audit trail and the feed have each text as it came.
    audited = {record["record"]["http_request"]["user_agent"] for record in map(json.loads, open(f"{folder}/out/audit.ndjson", "rb"))
               if "http_request" in record["record"]}
    short = {whole(text) for text in texts if text and len(text) < 1000}
    outcome.expect("user agents that the audit trail lacks", sorted(short - audited)[:3], [])
    if alerts is not None:
        told = {alert["labels"]["userAgent"] for alert in alerts if alert["class"] == "anomaly"}
        asked = {whole(group[0]) for group in hostile.groups(texts)}
        outcome.expect("labels that no group has", sorted(told - asked)[:3], [])


def whole(text):
    """As a reader of JSON takes it: pairs of surrogates joined, halves replaced."""
    return "".join("\ufffd" if 0xD800 <= ord(each) < 0xE000 else each
                   for each in text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))\
        if not has_halves(text) else replaced(text)


def has_halves(text):
    try:
        text.encode("utf-16", "surrogatepass").decode("utf-16")
        return False
    except UnicodeDecodeError:
        return True


def replaced(text):
    units = struct.unpack(f"<{len(text.encode('utf-16-le', 'surrogatepass')) // 2}H", text.encode("utf-16-le", "surrogatepass"))
    made, place = "", 0
    while place < len(units):
        unit = units[place]
        if 0xD800 <= unit < 0xDC00 and place + 1 < len(units) and 0xDC00 <= units[place + 1] < 0xE000:
            made += chr(0x10000 + (unit - 0xD800 << 10) + units[place + 1] - 0xDC00)
            place += 2
            continue
        made += "\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit)
        place += 1
    return made


def check_decode(outcome, folder, texts):
    done = run(folder, "decode", "--dead-letter", "dead.ndjson", "once.jsonl")
    events = outcome.look("decode", parsers.json_lines, done.stdout, unique=False, least=len(texts))
    outcome.look("decode, dead letters", parsers.json_lines, read(f"{folder}/dead.ndjson"), least=0)
    outcome.look("decode, standard error", parsers.terminal, done.stderr)
    if events is not None:
        agents = [event["event"]["userAgent"] for event in events]
        wrong = [(came, text) for came, text in zip(agents, texts) if came != whole(text)]
        outcome.expect("user agents that decode changed", wrong[:2], [])
    # What is no record goes to the dead letters, with words about it.
    with open(f"{folder}/broken.jsonl", "wb") as file:
        for text in texts[:500]:
            file.write(text.encode("utf-8", "surrogatepass").replace(b"\n", b" ") + b"\n")
            file.write(json.dumps({"eventTime": text}).encode() + b"\n")
    done = run(folder, "decode", "--format", "cloudtrail", "--dead-letter", "broken.ndjson", "broken.jsonl")
    outcome.look("decode of broken records, dead letters", parsers.json_lines, read(f"{folder}/broken.ndjson"), least=500)
    outcome.look("decode of broken records, standard error", parsers.terminal, done.stderr)
    # Flow logs whose columns have such names.
    names = [f"c{''.join(each for each in text if each > ' ' and each != ',')}" for text in texts[:300]]
    header = "version account-id interface-id start end " + " ".join(names)
    line = f"2 111122223333 eni-1 {hostile.BEGIN} {hostile.BEGIN + 60} " + " ".join(names)
    with open(f"{folder}/flow.log", "wb") as file:
        file.write(f"{header}\n{line}\n".encode("utf-8", "replace"))
    done = subprocess.run([BINARY, "decode", "--format", "vpc-flow", "flow.log"], cwd=folder, capture_output=True, check=False, timeout=60)
    outcome.look("decode of flow logs", parsers.json_lines, done.stdout, unique=False, least=0)
    outcome.look("decode of flow logs, standard error", parsers.terminal, done.stderr)


def check_detect(outcome, folder, texts):
    os.makedirs(f"{folder}/series", exist_ok=True)
    stamps = [text.replace(",", "").replace("\r", " ").replace("\n", " ") for text in texts if len(text) < 1000]
    with open(f"{folder}/series/a.csv", "wb") as file:
        file.write(b"timestamp,value\n")
        for number, stamp in enumerate(stamps):
            file.write(f"{stamp},{number % 3}\n".encode("utf-8", "replace"))
    done = run(folder, "detect", "--out", "scores", "series")
    outcome.look("detect", parsers.csv_rows, read(f"{folder}/scores/a.csv"), least=len(stamps))
    outcome.look("detect, standard error", parsers.terminal, done.stderr)


def check_reports(outcome, folder, texts):
    """SLOs whose names, services and sources somebody wrote into the windows by hand."""
    records = [json.loads(line) for line in open(f"{folder}/out/windows.ndjson", "rb")]
    os.makedirs(f"{folder}/forged", exist_ok=True)
    names = sorted({whole(text) for text in texts if 0 < len(text) < 1000})
    with open(f"{folder}/forged/windows.ndjson", "wb") as file:
        # Each string is the name of an SLO, or a service.
        for number, (name, service) in enumerate(zip(names[::2], names[1::2])):
            record = dict(records[0])
            record.update(name=name, service=service, display_name=service)
            for source in record.get("sources", []):
                if "file" in source:
                    source["file"] = name
            file.write(json.dumps(record, ensure_ascii=number % 2 == 0).encode() + b"\n")

    def report(form, *options):
        return run(folder, "slo", "report", "--from", "forged", "--format", form, *options).stdout

    names = names[:len(names) // 2 * 2:2]
    count = len(names)
    outcome.look("slo report, table", parsers.terminal, report("table"), least=count)
    rows = outcome.look("slo report, markdown", parsers.markdown, report("markdown"), least=count)
    if rows:
        outcome.expect("widths of markdown rows", {len(row) for row in rows}, {len(rows[0])})
    page = outcome.look("slo report, html", parsers.html, report("html"))
    if page:
        outcome.expect("rows of html", page.counts["tr"], count + 1)
    outcome.look("slo report, csv", parsers.csv_rows, report("csv"), least=count)
    reports = outcome.look("slo report, json", parsers.json_lines, report("json"))
    if reports:
        outcome.expect("SLOs in json", {slo["name"] for slo in reports[0]["slos"]} == set(names), True)
    for columns in (30, 120):
        data = on_terminal(folder, "slo", "report", "--from", "forged", columns=columns)
        outcome.look(f"slo report on a terminal of {columns} columns", parsers.terminal, data, colours=True, least=count)
    for name in ["\x1b[2J\nforged: x", "\u202ea"]:
        done = run(folder, "slo", "report", "--from", "forged", "--slo", name + "?", status=2)
        outcome.look("an unknown SLO, standard error", parsers.terminal, done.stderr)
        outcome.expect("its lines", done.stderr.count(b"\n"), 1)
    done = run(folder, "decode", "no\n\x1b[2Jforged", status=1)
    outcome.look("a file that is not there, standard error", parsers.terminal, done.stderr)
    outcome.expect("its lines", done.stderr.count(b"\n"), 1)
