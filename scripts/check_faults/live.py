"""What shows with a broker only: Kafka's times, large records, starts and stops, and the words about them."""

import gzip
import json
import os
import re
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from inputs import BEGIN, CALLS, MONITOR, call, rfc3339, slo, trail
from kafka import Live, awaited, free_ports
from rows import BINARY, ROOT, Row, Test, run, write

NOW = BEGIN * 1000


def times_of_kafka(folder, data):
    lines = data.decode().splitlines()
    with Live(folder, CALLS) as live:
        live.send(*zip([1, NOW - 360_000, NOW - 600_000, NOW - 1, NOW + 7_200_000], lines))
        return f"{live.start().counted(len(lines))}; {live.metric('tidewatch_events_dead_lettered_total'):.0f} dead letters"


def never_matched(folder, data):
    wrong = slo(trail("bad", "has(event.errorCode)"), trail("total", 'event.eventName == "GetObjct"'), name="typo")
    with Live(folder, CALLS + "---\n" + wrong) as live:
        live.send((NOW, data))
        said = live.start().counted(1)
        warnings = [warning["text"] for slo in live.report()["slos"] for warning in slo["warnings"] if slo["name"] == "typo"]
        return f"{said}; {', '.join(warnings)}"


def long_window(folder, data):
    write(folder, "slo.yaml", FORTNIGHT)
    at = ["--at", rfc3339(WINDOW_END)]
    done = run(folder, "replay", "--resources", "slo.yaml", "--report", "json", *at, "-", data=data)
    replayed = json.loads(done.stdout)["slos"][0]
    with Live(folder, FORTNIGHT) as live:
        live.send(*[(BEGIN * 1000, line) for line in data.decode().splitlines()])
        live.start()
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 16, 30)
        live.counted(15, *at)
        slos = live.report(*at)["slos"]
    counted = f"{slos[0]['total']} and {slos[0]['bad']}" if slos else "nothing"
    return f"replay {replayed['total']} and {replayed['bad']}, live {counted}"


def long_message(folder, data):
    with Live(folder, CALLS) as live:
        live.send((NOW, gzip.compress(data * (32 << 20), 1)))
        live.start()
        awaited(lambda: live.metric("tidewatch_partition_lag_records") or os.path.getsize(f"{folder}/log") > 0)
        awaited(lambda: live.metric("tidewatch_events_dead_lettered_total") > 0, 10)
        status, seconds = live.stop()
        return f"status {status}, {'within 10 s' if seconds <= 10 else f'after {seconds:.0f} s'}"


def large_words(folder, data):
    """An event that is too large for a topic of ours, and one behind it."""
    with Live(folder, CALLS) as live:
        live.send((NOW, gzip.compress(data)), (NOW, call(BEGIN, "behind")))
        said = live.start().counted(2)
        audited = awaited(lambda: live.metric("tidewatch_audit_records_total"), 15)
        return f"{said}; {audited:.0f} audited; status {live.stop()[0]}"


def refused(*words):
    """What a command says of TLS where the broker speaks none."""
    def look(folder, data):
        with Live(folder, CALLS) as live:
            text = open(f"{folder}/settings.yaml", encoding="utf-8").read()
            write(folder, "settings.yaml", text.replace("groupID: check", "groupID: check\n    security: {protocol: ssl}"))
            done = run(folder, *words)
            said = (done.stderr + done.stdout).decode()
            named = live.address in said
            cause = re.search(r"TLS|SSL|ssl|tls", said)
            return f"status {done.returncode}, broker {'named' if named else 'not named'}, cause {'named' if cause else said[-200:]}"
    return " ".join(words), look


def failing_start(folder, data):
    with Live(folder, CALLS) as live:
        live.broker.kill()
        live.broker.wait()
        live.start().consumer.wait(timeout=120)
    with open(f"{folder}/log", encoding="utf-8") as file:
        log = file.read()
    noise = [word for word in ("CancellationError", "Already closed") if word in log]
    reasons = [line for line in log.splitlines() if "tidewatch run" in line or '"error"' in line or '"critical"' in line]
    return f"status {live.consumer.returncode}, noise {', '.join(noise) or 'none'}, {len(reasons)} line"


def documented_trial(folder, data):
    """The block of docs/operations.md, and the words with which it ends."""
    with open(f"{ROOT}/docs/operations.md", encoding="utf-8") as file:
        text = file.read()
    settings = re.search(r"<!-- file: trial.yaml -->\n```yaml\n(.*?)```", text, re.DOTALL)[1]
    block = next(block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "trial.yaml &" in block)
    ending = re.search(r"`(kill %[^`]*)`\s+ends\s+the\s+consumer", text)[1]
    health, metrics = free_ports(2)
    write(folder, "trial.yaml", settings + f"  http: {{healthPort: {health}, metricsPort: {metrics}}}\n")
    os.symlink(f"{ROOT}/deploy", f"{folder}/deploy")
    start, _, rest = block.partition("tidewatch run --config trial.yaml &\n")
    script = f"""set -m
{start}tidewatch run --config trial.yaml 2>run.log &
for i in $(seq 200); do tidewatch slo report --config trial.yaml 2>/dev/null | grep -q ' [1-9]' && break; sleep 0.2; done
{rest}
{ending.replace("wait %2", "wait %2; echo status $?")}
"""
    environment = {**os.environ, "PATH": f"{os.path.dirname(BINARY)}:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, check=False, timeout=200)
    with open(f"{folder}/run.log", encoding="utf-8") as file:
        errors = [line for line in file if json.loads(line)["level"] == "error"]
    status = re.findall(r"^status (\d+)$", done.stdout.decode(), re.MULTILINE)
    return f"status {', '.join(status)}, {len(errors)} errors"


def pages_of_old_history(folder, data):
    """How many triggers PagerDuty gets of incidents months ago."""
    events = []

    class Pager(BaseHTTPRequestHandler):
        def do_POST(self):
            events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"status":"success"}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Pager)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v2/enqueue"
    pager = f"  pagerDuty: {{routingKey: {'0123456789abcdef' * 2}, endpoint: {address}}}\n"
    try:
        with Live(folder, CALLS, more=pager) as live:
            live.send((BEGIN * 1000, data))
            live.start()
            awaited(lambda: events or live.metric("tidewatch_notifications_suppressed_total") > 0
                    or live.consumer.poll() is not None, 30)
            looked_at = live.metric("tidewatch_notifications_suppressed_total") > 0
            if live.consumer.poll() is not None:
                with open(f"{folder}/log", encoding="utf-8") as file:
                    return file.read()[-300:]
    finally:
        server.shutdown()
    triggers = [event for event in events if event["event_action"] == "trigger"]
    return f"{'triggers' if triggers else 'no trigger'} of {rfc3339(BEGIN)[:7]}, {'looked at' if looked_at else 'not looked at'}"


def renamed(folder, data):
    """The alerts that are open after the SLO has another name."""
    with Live(folder, CALLS, more="  alerts: {removedAfter: 2s}\n") as live:
        settings = open(f"{folder}/settings.yaml", encoding="utf-8").read()
        write(folder, "settings.yaml", settings.replace("idleTimeout: 2s", "idleTimeout: 2s, allowedLateness: 0s"))
        live.send((NOW, data))
        live.start()
        awaited(live.alerts)
        live.stop()
        write(folder, "resources.yaml", CALLS.replace("name: calls", "name: calls-v2"))
        live.start()
        awaited(lambda: all(alert["status"] == "resolved" for alert in live.alerts()), 15)
        open_ones = [alert for alert in live.alerts() if "calls-v2" not in json.dumps(alert) and alert["status"] != "resolved"]
        return f"{len(open_ones)} open under the former name"


def late_for_a_monitor(folder, data):
    """Alerts on calls of fourteen minutes ago that come after a quiet time."""
    now = int(time.time())
    # The end of a window that is open for 15 to 75 s more.
    end = ((now - 885) // 60 + 1) * 60
    start = end - 3600
    calm = "".join(call(start + 60 * minute, f"c-{minute}-{n}") for minute in range(57) for n in range(2 + minute % 2))
    storm = "".join(call(end - 10, f"s-{number}") for number in range(150))
    with Live(folder, FAILURES) as live:
        live.send(((end - 60) * 1000, calm))
        live.start()
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 120, 30)
        # All partitions are idle for longer than idleTimeout: that this time passes is what is tested.
        time.sleep(6)
        live.send((now * 1000, storm))
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 270, 30)
        awaited(live.alerts, 100)
        return f"{len(live.alerts())} alert"


FAILURES = MONITOR % {"name": "failures", "source": "CloudTrail", "group": "eventSource", "direction": "up"}
FORTNIGHT = slo(trail("bad", "has(event.errorCode)"), trail("total"), window="15d")
# The window ends in the middle of an hour, 15 days after it began; one failure ten minutes before that.
WINDOW_END = BEGIN + 1800
BEFORE = call(WINDOW_END - 15 * 86_400 - 600, "before", failing=True)
WITHIN = "".join(call(WINDOW_END - 86_400 * day - 60, f"w-{day}") for day in reversed(range(15)))
BURNING = "".join(call(BEGIN + second, f"b-{second}", failing=True) for second in range(0, 1200, 4))
LARGE = call(BEGIN, "large", "iam", "CreateUser", failing=True, more=',"errorMessage":"' + "x" * 500_000 + '"')
ROWS = [
    Row("Kafka's times of 1 ms, 6 and 10 minutes before the event's, two hours after", "run; slo report --config", times_of_kafka,
        "".join(call(BEGIN, f"k-{number}") for number in range(5)), "total 5, bad 0, incomplete; 0 dead letters"),
    Row("an SLO that matches nothing", "run; slo report --config", never_matched, call(BEGIN, "one"),
        "calls total 1, bad 0, incomplete; typo total 0, bad 0, no_data; total matched no record"),
    Row("a failure ten minutes before a window of 15 days begins", "replay --at T; run; slo report --at T", long_window,
        BEFORE + WITHIN, "replay 15 and 0, live 15 and 0"),
    Row("64 MiB of short lines in 65 kB, and SIGTERM", "run; kill -TERM", long_message, b"x\n", "status 0, within 10 s"),
    Row("an event of 500 kB, and one behind it", "run; slo report --config", large_words, LARGE,
        "total 2, bad 1, violated; 1 audited; status 0"),
    Row("TLS where there is none, slo report", *refused("slo", "report", "--config", "settings.yaml"), "",
        "status 1, broker named, cause named"),
    Row("TLS where there is none, alerts list", *refused("alerts", "list", "--config", "settings.yaml"), "",
        "status 1, broker named, cause named"),
    Row("a start without a broker", "run", failing_start, "", "status 1, noise none, 1 line"),
    Row("a first start on old history", "run", pages_of_old_history, BURNING, f"no trigger of {rfc3339(BEGIN)[:7]}, looked at"),
    Row("an SLO renamed while its alert is open", "run; alerts list --all", renamed, BURNING, "0 open under the former name"),
    Row("calls of fourteen minutes ago after a quiet time", "run; alerts list", late_for_a_monitor, "", "1 alert"),
    Row("the trial of docs/operations.md, and its end", "docs/operations.md", documented_trial, "", "status 0, 0 errors"),
]
TESTS = [
    Test("wrong password, CA, name or protocol, on a second broker", "said with the broker and the library's own cause, soon", [
        "UnreachedBrokerTests/whatWaitingCannotMendIsSaidSoonByEveryCommand",
        "UnreachedBrokerTests/whatMayPassIsWaitedForAndThenSaidByEveryCommand"]),
    Test("records that were lost before a start", "reported once, with their number", [
        "SourceGapReportTests/recordsThatWereLostAreReportedOnceAndNotForEachShard"]),
    Test("a broker that comes back", "ready once partitions are assigned", ["FaultTests/aBrokerThatGoesAndComesLosesNothing"]),
    Test("commits while a group rebalances", "hold no publication up, and are said once they last", [
        "PublisherDriverTests/ofWhatWaitedTheNewestOfEachPartitionIsCommitted",
        "OffsetCommitterTests/failuresAreWorthALineOnceTheyLastAndThenOneAMinute"]),
    Test("PagerDuty answers 500, 429, 400", "a line with the answer's own words", [
        "PagerDutyTests/eachAlertIsPostedInOrderUntilItIsAcceptedOrRefused"]),
    Test("groups and cells too large for a topic", "cut with a mark, or in pieces", [
        "LongValueTests/longGroupsAreKeptAsTheirBeginningAndStayDifferent", "ChangelogAmountsTests/everyRecordOfAnUpdateIsSmallEnough",
        "AuditRecorderTests/longestEventFitsIntoAMessageAndSaysWhatIsMissing"]),
]
