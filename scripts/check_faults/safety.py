"""Settings that run nothing, files that nothing destroys."""

import os
import stat

from inputs import CALLS, ONE
from rows import Row, Test, run, write

SETTINGS = """\
apiVersion: tidewatch/v1
kind: Settings
metadata: {name: s}
spec:
  kafka: {bootstrapServers: %s, options: {%s}}
  inputs: [{topic: t}]
"""


def refused(*values):
    """The status of `config check`, whether it shows one of the values, and of which options it speaks."""
    def look(folder, data):
        write(folder, "settings.yaml", data)
        os.environ["CHECK_FAULTS_SECRET"] = "hunter2"
        done = run(folder, "config", "check", "settings.yaml")
        text = done.stderr.decode() + done.stdout.decode()
        shown = any(value in text for value in ("hunter2", *values))
        return f"status {done.returncode}, value {'shown' if shown else 'not shown'}"
    return "config check settings.yaml", look


def settings(options, servers='"b:9092"'):
    return SETTINGS % (servers, options)


def overwriting(folder, data):
    os.mkdir(f"{folder}/x")
    write(f"{folder}/x", "audit.ndjson", data)
    status = run(folder, "replay", "--out", "x", "x").returncode
    with open(f"{folder}/x/audit.ndjson", "rb") as file:
        return f"status {status}, input {'kept' if file.read() == data else 'lost'}"


def letters_to_a_pipe(folder, data):
    os.mkfifo(f"{folder}/pipe")
    reader = os.open(f"{folder}/pipe", os.O_RDONLY | os.O_NONBLOCK)
    run(folder, "decode", "--dead-letter", "pipe", "-", data=data)
    got = os.read(reader, 1 << 16)
    os.close(reader)
    is_pipe = stat.S_ISFIFO(os.lstat(f"{folder}/pipe").st_mode)
    return f"{'a pipe' if is_pipe else 'a file'}, {len(got.splitlines())} dead letter"


def dangling(*words):
    """The status and whether the link is named, of a command over a folder with a link that leads nowhere."""
    def look(folder, data):
        for name in ("resources", "sound", "logs"):
            os.mkdir(f"{folder}/{name}")
        write(folder, "resources/slo.yaml", CALLS)
        write(folder, "sound/slo.yaml", CALLS)
        write(folder, "logs/a.json", data)
        os.symlink("/nowhere/at/all", f"{folder}/resources/dangling.yaml")
        os.symlink("/nowhere/at/all", f"{folder}/logs/dangling.json")
        done = run(folder, *words)
        named = b"dangling." in done.stderr + done.stdout
        return f"status {done.returncode}, {'named' if named else 'not named'}"
    return " ".join(words), look


ROWS = [
    Row("settings that name code", *refused(), settings("plugin.library.paths: ./hunter2.so"), "status 2, value not shown"),
    Row("aborted records read", *refused("read_uncommitted"), settings("isolation.level: read_uncommitted"),
        "status 2, value not shown"),
    Row("commits of the library's own", *refused(), settings("enable.auto.commit: true"), "status 2, value not shown"),
    Row("a secret in an option", *refused(), settings("debug: ${CHECK_FAULTS_SECRET}"), "status 2, value not shown"),
    Row("a secret in the servers", *refused(), settings("", '"${CHECK_FAULTS_SECRET} x"'), "status 2, value not shown"),
    Row("results over the input", "replay --out x x", overwriting, ONE + "\n", "status 2, input kept"),
    Row("dead letters to a pipe", "decode --dead-letter pipe -", letters_to_a_pipe, "x\n", "a pipe, 1 dead letter"),
    Row("a link to nothing among resources", *dangling("config", "check", "resources"), ONE, "status 2, named"),
    Row("a link to nothing among a replay's resources", *dangling(
        "replay", "--resources", "resources", "--report", "csv", "logs/a.json"), ONE, "status 2, named"),
    Row("a link to nothing among logs", *dangling("decode", "logs"), ONE, "status 1, named"),
    Row("a link to nothing among a replay's logs", *dangling("replay", "--resources", "sound", "--report", "csv", "logs"), ONE,
        "status 1, named"),
]
TESTS = [
    Test("devices, pipes and links", "written in place or refused", [
        "FileWriterTests/deviceStaysADevice", "FileWriterTests/linkIsWrittenThrough", "FileWriterTests/pipeIsWrittenTo",
        "FileSafetyTests/portFileMayBeADevice", "OutputFolderTests/resultsFromBeforeStayUntilTheNewOnesAreWhole"]),
    Test("what can't be read, below a folder", "said, counted, and a failure", [
        "InputPathsTests/whatMayNotBeReadIsNamed", "InputPathsTests/pipesAndDanglingLinksBelowAFolderAreNamedAndDoNotHoldTheOthersUp",
        "FileSafetyTests/whatWasNotReadIsSaidAndIsAFailure"]),
]
