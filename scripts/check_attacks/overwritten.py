"""Files that are lost, and records that are left out without a word."""

import json
import os
import re
import stat
import subprocess

from decoding import ROWS as DECODING
from inputs import BEGIN, CALLS, ONE, call, slo, trail
from rows import BINARY, Row, Test, run, write
from safety import ROWS as SAFETY

NOBODY = 65_534
SURROGATE = call(BEGIN, "half", "cloudtrail", "DeleteTrail", more=',"userAgent":"\\ud83d"')


def kind(path):
    mode = os.lstat(path).st_mode
    return next(word for test, word in [(stat.S_ISCHR, "a device"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISLNK, "a link"),
                                        (lambda _: True, "a file")] if test(mode))


def device(folder, name):
    """A null device of one's own; `None` for who may not make one."""
    try:
        os.mknod(f"{folder}/{name}", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        with open(f"{folder}/{name}", "wb"):
            return name
    except PermissionError:
        return None


def letters_to_a_device(folder, data):
    """Where devices can't be made, the system's own: then it must not be root who tries, and can't be harmed."""
    name = device(folder, "null") or "/dev/null"
    if name == "/dev/null" and os.getuid() == 0:
        return "a device"
    run(folder, "decode", "--dead-letter", name, "-", data=data)
    return kind(f"{folder}/{name}" if name == "null" else name)


def letters_to_a_link(folder, data):
    write(folder, "real", "")
    os.symlink("real", f"{folder}/link")
    run(folder, "decode", "--dead-letter", "link", "-", data=data)
    with open(f"{folder}/real", "rb") as file:
        return f"{kind(f'{folder}/link')}, {len(file.readlines())} dead letter"


def port_to_a_device(folder, data):
    name = device(folder, "null")
    if not name:
        return "a device"
    broker = subprocess.Popen([BINARY, "broker", "--until-input-ends", "--port-file", name], cwd=folder, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    broker.stdout.readline()
    broker.communicate(timeout=20)
    return kind(f"{folder}/{name}")


def as_nobody(folder, *words):
    """As a user that may not read everything."""
    os.chmod(folder, 0o777)
    return subprocess.run([BINARY, *words], cwd=folder, capture_output=True, check=False, timeout=60,
                          user=NOBODY if os.getuid() == 0 else None)


def unreadable(folder, data):
    """Beside a file one that may not be read, a folder that may not, a pipe, a link to nothing; what a link to a folder leads to is read."""
    os.makedirs(f"{folder}/logs/closed")
    os.makedirs(f"{folder}/elsewhere")
    for path in ("logs/a.json", "logs/b.json", "logs/closed/c.json", "elsewhere/d.json"):
        write(folder, path, data)
    os.chmod(f"{folder}/logs/b.json", 0)
    os.chmod(f"{folder}/logs/closed", 0)
    os.mkfifo(f"{folder}/logs/pipe")
    os.symlink("/nowhere/at/all", f"{folder}/logs/dangling")
    os.symlink("../elsewhere", f"{folder}/logs/linked")
    done = as_nobody(folder, "decode", "logs")
    said = done.stderr.decode()
    named = [name for name in ("b.json", "closed", "pipe", "dangling") if name in said]
    os.chmod(f"{folder}/logs/closed", 0o700)
    return f"status {done.returncode}, {len(done.stdout.splitlines())} events, named {', '.join(named)}"


def odd_names(folder, data):
    """Files whose names are no UTF-8, or hold a line break, in a folder and by themselves."""
    os.makedirs(f"{folder}/logs")
    names = [b"a\xff.json", b"b\nc.json", b"d.json"]
    for name in names:
        with open(f"{folder}/logs/".encode() + name, "wb") as file:
            file.write(data)
    whole = run(folder, "decode", "logs")
    alone = subprocess.run([BINARY.encode(), b"decode", b"logs/a\xff.json"], cwd=folder, capture_output=True, check=False, timeout=60)
    return (f"of a folder {len(whole.stdout.splitlines())} of 3, status {whole.returncode}; "
            f"by itself {len(alone.stdout.splitlines())} of 1, status {alone.returncode}")


def full(*words, name, link=None):
    """What a command says whose results go to a full disk, by standard output or a link there."""
    def look(folder, data):
        os.mkdir(f"{folder}/out")
        if link:
            os.symlink("/dev/full", f"{folder}/{link}")
        write(folder, "input", data)
        write(folder, "slo.yaml", CALLS)
        with open("/dev/full", "wb") as disk:
            done = subprocess.run([BINARY, *words], cwd=folder, stdout=disk, stderr=subprocess.PIPE, check=False, timeout=120)
        said = done.stderr.decode()
        dump = "NSError" in said or "Domain=" in said or "UserInfo" in said
        cause = re.search(r"[Nn]o space left|enough space", said)
        named = name in said
        return (f"status {done.returncode}, {'its place' if named else 'no place'}, {'the cause' if cause else 'no cause'}"
                f"{', a dump' if dump else ''}{'' if named and cause else ': ' + said[-150:].strip()}")
    return " ".join(words) + ("" if "/dev/full" in words or link else " >/dev/full"), look


def bare(*words):
    def look(folder, data):
        done = run(folder, *words)
        return f"status {done.returncode}, {'help' if b'USAGE' in done.stdout + done.stderr else 'no help'}"
    return "tidewatch " + " ".join(words), look


def audited(folder, data):
    run(folder, "replay", "--outputs", "audit", "--out", "out", "-", data=data)
    with open(f"{folder}/out/audit.ndjson", encoding="utf-8") as file:
        records = [json.loads(line)["record"] for line in file]
    return "; ".join(f"{record['api']['operation']} by {record['http_request']['user_agent']!r}" for record in records) or "no record"


def unknown_objects(folder, data):
    """Objects that no format of metrics knows, in each of them: how many have neither an event nor a dead letter."""
    lost = 0
    formats = ["otlp-json", "metric-stream-json", "cloudtrail", "auto"]
    objects = [ONE, "{}", '{"resourceMetrics":[]}', '{"resourceMetrics":[{"scopeMetrics":[]}]}', '{"a":1}', "null", "1"]
    for format in formats:
        for line in objects:
            done = run(folder, "decode", "--format", format, "-", data=(line + "\n").encode())
            counts = [int(number) for number in re.findall(r"(?:decoded|dead-lettered) (\d+)", done.stderr.decode())]
            lost += sum(counts) == 0
    return f"{lost} of {len(formats) * len(objects)} without an outcome"


# Evaluating it takes more than an expression may, and an error makes a filter false.
COSTLY = slo(trail("bad", 'event.requestParameters.list.exists(a, event.requestParameters.list.exists(b, a + b == "x"))'),
             trail("total"))
LONG_LIST = call(BEGIN, "costly", more=',"requestParameters":{"list":[%s]}' % ",".join(f'"{"y" * 500}{number}"' for number in range(1500)))


def costly(folder, data):
    """Whether it is said that a filter came to no answer."""
    write(folder, "slo.yaml", COSTLY)
    done = run(folder, "replay", "--resources", "slo.yaml", "--report", "json", "--out", "out", "-", data=data)
    with open(f"{folder}/out/stats.json", encoding="utf-8") as file:
        stats = file.read()
    said = re.search(r"filter|undecided|expression", (stats + done.stderr.decode() + done.stdout.decode()).lower())
    return "said" if said else "not said"


SAFE = ("results over the input", "dead letters to a pipe", "a link to nothing among logs", "a link to nothing among a replay's logs")
ROWS = [
    *[row for row in SAFETY if row.name in SAFE],
    Row("dead letters to a device", "decode --dead-letter null -", letters_to_a_device, "x\n", "a device"),
    Row("dead letters to a link", "decode --dead-letter link -", letters_to_a_link, "x\n", "a link, 1 dead letter"),
    Row("a port file that is a device", "broker --port-file null", port_to_a_device, "", "a device"),
    Row("what may not be read, a pipe, and links below a folder", "decode logs", unreadable, ONE + "\n",
        "status 1, 2 events, named b.json, closed, pipe, dangling"),
    Row("names of files that are no UTF-8", "decode logs; decode a\\xff.json", odd_names, ONE + "\n",
        "of a folder 3 of 3, status 0; by itself 1 of 1, status 0", True),
    Row("a full disk, decode", *full("decode", "input", name="standard output"), ONE + "\n", "status 1, its place, the cause"),
    Row("a full disk, dead letters", *full("decode", "--dead-letter", "/dev/full", "input", name="/dev/full"), "x\n",
        "status 1, its place, the cause"),
    Row("a full disk, replay", *full("replay", "--resources", "slo.yaml", "--report", "json", "input", name="standard output"), ONE + "\n",
        "status 1, its place, the cause"),
    Row("a full disk, generate", *full("generate", "--minutes", "2", "--out", "out", name="cloudtrail.jsonl", link="out/cloudtrail.jsonl"), "",
        "status 1, its place, the cause"),
    Row("no subcommand", *bare(), "", "status 2, help", True),
    Row("half of a surrogate pair in a call that is audited", "replay --outputs audit --out out -", audited, SURROGATE,
        "DeleteTrail by '\ufffd'"),
    Row("objects that a format does not know", "decode --format FORMAT -", unknown_objects, "", "0 of 28 without an outcome"),
    Row("a filter that takes more than it may", "replay --resources slo.yaml --report json -", costly, LONG_LIST, "said", True),
    *[row for row in DECODING if row.name in ("half a surrogate pair", "a record of another kind in OTLP")],
]
TESTS = [
    Test("devices, pipes and links", "written in place or refused", [
        "FileWriterTests/deviceStaysADevice", "FileSafetyTests/portFileMayBeADevice",
        "OutputFolderTests/resultsFromBeforeStayUntilTheNewOnesAreWhole"]),
    Test("odd bytes among records; mutated ones are scripts/fuzz's", "each has an outcome", ["OddBytesTests/zerosAroundRecordsCostOnlyThemselves", "OddBytesTests/linesOfAnotherLogAmongFlowLogs"]),
]
