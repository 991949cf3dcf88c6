"""What a consumer makes of them: the feed, its log in both formats, metrics, and what PagerDuty and a webhook are sent."""

import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hostile
import parsers
from files import ENVIRONMENT, on_terminal, read, run, whole
from kafka import Live, awaited
from rows import BINARY

STRINGS = 2000
SINKS = """\
  pagerDuty: {routingKey: 0123456789abcdef0123456789abcdef, endpoint: %s/pagerduty}
  sinks: [{name: hook, webhook: {url: %s/webhook, secret: 0123456789abcdef0123456789abcdef}}]
  logging: {format: json}
"""
MESSAGE_BYTES = 200_000


class Receiver:
    """Takes all that is posted."""

    def __init__(self):
        bodies = self.bodies = {"/pagerduty": [], "/webhook": []}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                bodies[self.path].append(self.rfile.read(int(self.headers["Content-Length"])))
                answer = b'{"status":"success"}'
                self.send_response(202)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def count(self):
        return min(map(len, self.bodies.values()))


def messages(lines):
    """Lines of JSON in as few messages as sizes allow."""
    message = b""
    for line in lines:
        if len(line) > MESSAGE_BYTES:
            continue
        if len(message) + len(line) > MESSAGE_BYTES:
            yield message
            message = b""
        message += line + b"\n"
    yield message


def check(outcome, folder, all_texts):
    print("A consumer")
    folder = f"{folder}/service"
    os.makedirs(folder, exist_ok=True)
    step = max(1, len(all_texts) // STRINGS)
    first = sum(len(found) for found in hostile.FRAGMENTS.values())
    texts = all_texts[:first] + all_texts[first::step]
    receiver = Receiver()
    more = SINKS % (receiver.address, receiver.address)
    try:
        with Live(folder, hostile.resources(texts), more=more) as live:
            check_live(outcome, folder, live, texts, receiver)
    finally:
        receiver.server.shutdown()


def check_live(outcome, folder, live, texts, receiver):
    live.start()
    now = int(time.time())
    groups = len(hostile.groups(texts))
    count = 0
    for lines in (hostile.bursts(texts, now - 2400), hostile.events(texts, now - 200, 60)):
        for message in messages(lines):
            count += message.count(b"\n")
            live.send((now * 1000, message))
    decoded = awaited(lambda: live.metric("tidewatch_events_decoded_total") >= count or live.consumer.poll() is not None)
    outcome.expect("events decoded", bool(decoded) and live.consumer.poll() is None, True)
    awaited(lambda: receiver.count() >= groups // 2, 60)
    for path, parse in (("/pagerduty", parsers.pagerduty), ("/webhook", parsers.webhook)):
        outcome.look(path[1:], lambda bodies: [parse(body) for body in bodies], list(receiver.bodies[path]), least=groups // 2)
    with urllib.request.urlopen(f"http://127.0.0.1:{live.port}/metrics", timeout=10) as answer:
        outcome.look("metrics", parsers.metrics, answer.read(), least=100)

    forge_windows(live, texts)
    options = ("--config", "settings.yaml")
    alerts = run(folder, "alerts", "list", "--all", "--format", "json", *options).stdout
    listed = outcome.look("alerts list, json", parsers.json_lines, alerts, least=groups // 2)
    outcome.look("alerts list, table", parsers.terminal, run(folder, "alerts", "list", "--all", *options).stdout, least=groups // 2)
    outcome.look("alerts list on a terminal", parsers.terminal, on_terminal(folder, "alerts", "list", "--all", *options), colours=True)
    for form, parse in (("json", parsers.json_lines), ("table", parsers.terminal)):
        outcome.look(f"alerts tail, {form}", parse, tail(folder, form, *options), least=groups // 2)
    for form, parse in (("table", parsers.terminal), ("markdown", parsers.markdown), ("html", parsers.html), ("csv", parsers.csv_rows),
                        ("json", parsers.json_lines)):
        done = run(folder, "slo", "report", "--format", form, *options)
        outcome.look(f"slo report of a topic, {form}", parse, done.stdout)
        outcome.look(f"slo report of a topic, {form}, standard error", parsers.terminal, done.stderr, least=0)
    live.stop()
    outcome.look("log, json", parsers.json_lines, read(f"{folder}/log"), least=3)
    if listed:
        check_forged_feed(outcome, folder, live, texts, receiver, listed[0])


def tail(folder, form, *options):
    process = subprocess.Popen([BINARY, "alerts", "tail", "--from-beginning", "--format", form, *options], cwd=folder, env=ENVIRONMENT,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    timer = threading.Timer(5, lambda: process.send_signal(signal.SIGINT))
    timer.start()
    return process.communicate(timeout=60)[0]


def forge_windows(live, texts):
    record = next(json.loads(line) for line in open(f"{live.folder}/../out/windows.ndjson", "rb"))
    records = []
    for number, text in enumerate(texts[:400]):
        name = whole(text)
        if name:
            record.update(name=name, service=name, display_name=name)
            records.append((int(time.time() * 1000), json.dumps(record, ensure_ascii=False), f"forged-{number}".encode()))
    live.send(*records, topic="tidewatch.windows")


def check_forged_feed(outcome, folder, live, texts, receiver, alert):
    """Records that somebody wrote into the feed, some of which can't be read."""
    log = f"{folder}/log"
    os.rename(log, f"{log}.json")
    settings = read(f"{folder}/settings.yaml").replace(b"format: json", b"format: text")
    with open(f"{folder}/settings.yaml", "wb") as file:
        file.write(settings)
    for bodies in receiver.bodies.values():
        bodies.clear()
    live.start()
    now = int(time.time() * 1000)
    forged = []
    for number, text in enumerate(texts[:300]):
        name = whole(text)
        key = f"forged/{number}/{'0' * 32}"
        forged.append((now, json.dumps({
            **alert, "dedup_key": key, "status": "open", "summary": name or "x", "reason": name, "source": name, "class": name,
            "time": hostile.time(now // 1000 - 60), "opened_at": hostile.time(now // 1000 - 60),
            "labels": {name: name, "objective": name, "service": name}, "annotations": {name: name}, "details": {name: [name, {name: name}]},
            "links": [{"href": name, "text": name}, {"href": "javascript:alert(1)", "text": "x"}, {"href": "https://good.example/", "text": name}],
        }), key.encode()))
    live.send(*forged, topic="tidewatch.alerts")
    awaited(lambda: receiver.count() >= len(forged), 30)
    for path, parse in (("/pagerduty", parsers.pagerduty), ("/webhook", parsers.webhook)):
        bodies = [json.loads(body) for body in receiver.bodies[path]]
        outcome.look(f"{path[1:]} of a forged feed", lambda found: [parse(body) for body in found], list(receiver.bodies[path]),
                     least=len(forged))
        links = {link["href"].split(":")[0] for body in bodies for link in body.get("links", body.get("data", {}).get("links", []))}
        outcome.expect(f"schemes of {path[1:]}'s links", links <= {"http", "https"} and "https" in links, True)
    severity = "critical\n2026-01-15T09:00:00Z critical forged \x1b[2J\u202e\x9b31m"
    live.send((now, json.dumps({**alert, "severity": severity}), b"forged/bad/" + b"0" * 32), topic="tidewatch.alerts")
    live.send((now, b"{\"\x1b[2J\nforged\xc2\x9b\":", b"forged/worse/" + b"0" * 32), topic="tidewatch.alerts")
    awaited(lambda: b"forged" in read(log) or live.consumer.poll() is not None, 20)
    done = subprocess.run([BINARY, "alerts", "list", "--config", "settings.yaml"], cwd=folder, env=ENVIRONMENT, capture_output=True,
                          check=False, timeout=60)
    outcome.look("alerts list of what can't be read, standard error", parsers.terminal, done.stderr)
    outcome.expect("its lines", done.stderr.count(b"\n"), 1)
    if live.consumer.poll() is None:
        live.stop()
    outcome.look("log, text", parsers.text_log, read(log), least=3)
    outcome.expect("whether the text log names the forged record", "forged" in read(log).decode(), True)
