"""What the tests of releases share: a cluster that is a file, PagerDuty as an HTTP server, GitHub's `gh`, and a real consumer."""

import http.server
import json
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "scripts"))
from ports import free_port  # noqa: E402

SCRIPTS = ROOT / "deploy/scripts"
TIDEWATCH = os.environ.get("TIDEWATCH_BINARY", str(ROOT / ".build/debug/tidewatch"))
IMAGE = "registry.example.com/tidewatch@sha256:"
OVERLAY = str(ROOT / "deploy/kubernetes/overlays/example")
CALLS = 'event.eventType == "AwsApiCall"'
# Ends what hangs, and not what a machine does slowly on which all other checks run.
SECONDS_MAX = 600
# Where all is well nothing of this is waited for. A test of what never comes has shorter ones.
PATIENT = ["--answer-timeout", str(SECONDS_MAX)]
WAITS = [f"--{what}-timeout={SECONDS_MAX}" for what in ("ready", "drain", "smoke")]
LABELS = {"app.kubernetes.io/name": "tidewatch", "app.kubernetes.io/component": "consumer"}

def program(folder, name, text):
    path = Path(folder) / name
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def real_python(bin):
    """What `env python3` finds: a shim, as of pyenv, would put its own programs before those of the tests."""
    (Path(bin) / "python3").symlink_to(os.path.realpath(sys.executable))


def report(folder, name, target=0.9, window="1h", minutes=60, total=CALLS, bad=f"{CALLS} && has(event.errorCode)", slo="api"):
    """A folder of `tidewatch replay` over the last minutes of AWS's API calls, of which one in a hundred fails, with one SLO."""
    data, resources, out = (Path(folder) / f"{name}-{part}" for part in ("data", "slo.yaml", "out"))
    start = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    run(TIDEWATCH, "generate", "--out", data, "--minutes", minutes, "--kind", "cloudtrail", "--start", stamp(start), "--cloudtrail-per-minute", 20)
    ratio = {part: {"metricSource": {"type": "CloudTrail", "spec": {"filter": text}}} for part, text in [("bad", bad), ("total", total)]}
    resources.write_text(json.dumps({
        "apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": slo},
        "spec": {
            "service": "aws-api", "budgetingMethod": "Occurrences", "timeWindow": [{"duration": window, "isRolling": True}],
            "indicator": {"metadata": {"name": "calls"}, "spec": {"ratioMetric": ratio}}, "objectives": [{"targetPercent": 100 * target}]}}))
    run(TIDEWATCH, "replay", "--resources", resources, "--out", out, "--outputs", "windows,report", data)
    return str(out)


def burning(folder, name):
    """A day of which the last twenty minutes fail: 1.4 % of the day, where 2 % may, and a third of the last hour."""
    since = datetime.now(timezone.utc) - timedelta(minutes=20)
    return report(folder, name, target=0.98, window="1d", minutes=1440, bad=f'{CALLS} && event.eventTime >= "{stamp(since)}"')


def stamp(time):
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, f"{words[:3]}: {done.stderr}"
    return done.stdout


class World:
    """An installation of which blue is live with two pods, and the programs that a release calls."""

    def __init__(self, consumer, reports, deployments=None):
        self.folder = Path(tempfile.mkdtemp())
        self.events = PagerDuty()
        bin = self.folder / "bin"
        bin.mkdir()
        real_python(bin)
        fake = py_compile.compile(str(Path(__file__).with_name("fake_kubectl.py")), str(bin / "fake_kubectl.pyc"), doraise=True)
        kubectl = program(bin, "kubectl", f'#!/bin/sh\nexec "{sys.executable}" -B -S -E "{fake}" "$@"\n')
        # Reports are made once for many tests, which may take a while.
        self.gate = ["--gate", program(bin, "gate", f'#!/bin/sh\nexec {SCRIPTS}/budget-gate --max-age 86400 "$@"\n')]
        program(bin, "gh", '#!/bin/sh\necho "$*" >>"$FAKE_CLUSTER/gh.log"\ncat "$FAKE_CLUSTER/approvals.json"\n')
        self.environment = {
            **os.environ, "PATH": f"{bin}:{os.environ['PATH']}", "KUBECTL": kubectl, "REAL_KUBECTL": shutil.which("kubectl"),
            "FAKE_CLUSTER": str(self.folder), "SITE_PACKAGES": sysconfig.get_path("purelib"), "TIDEWATCH": TIDEWATCH, "PAGERDUTY_ROUTING_KEY": "key-of-a-service",
            "PAGERDUTY_CHANGE_URL": self.events.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "7", "GITHUB_TRIGGERING_ACTOR": "author",
            "GITHUB_SERVER_URL": "https://github.example"}
        blue = {"replicas": 2, "labels": {**LABELS, "tidewatch.dev/colour": "blue"}, "image": IMAGE + "a" * 64,
                "annotations": {"tidewatch.dev/phase": "live"}}
        self.write(deployments={"tidewatch-blue": blue} if deployments is None else deployments, faults={}, reports=reports,
                   ports={"": consumer.ports if consumer else [1, 1]})

    def read(self):
        return json.loads((self.folder / "state.json").read_text())

    def write(self, **parts):
        path = self.folder / "state.json"
        path.write_text(json.dumps({**(self.read() if path.exists() else {}), **parts}))

    def approve(self, *reviews):
        (self.folder / "approvals.json").write_text(json.dumps([
            {"state": state, "user": {"login": who}, "environments": [{"name": environment}]} for state, who, environment in reviews]))

    def calls(self, verb):
        path = self.folder / "calls.log"
        lines = path.read_text().splitlines() if path.exists() else []
        # After `--namespace NAME`.
        return [line for line in lines if line.split()[2] == verb]

    def pods(self):
        return {name: each["replicas"] for name, each in self.read()["deployments"].items()}

    def phases(self):
        return {name: each["annotations"].get("tidewatch.dev/phase") for name, each in self.read()["deployments"].items()}

    def start(self, script, *words):
        return subprocess.Popen([SCRIPTS / script, *words], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, script, *words, input=None):
        patient = PATIENT if script in ("rollback", "smoke-test") else []
        try:
            return subprocess.run([SCRIPTS / script, *patient, *words], env=self.environment, text=True, capture_output=True, timeout=SECONDS_MAX, input=input)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"{script} {' '.join(words)}: not within {SECONDS_MAX} s; it said\n{(late.stderr or b'').decode()}") from None

    def deploy(self, *words, image="b"):
        return self.run("deploy", *self.words(image), *words)

    def words(self, image="b"):
        return ["--overlay", OVERLAY, "--image", IMAGE + image * 64, *WAITS, *PATIENT, *self.gate,
                "--observe", "0.3", "--interval", "0.2", "--pause", "0.05", "--environment", "production"]

    def close(self):
        self.events.close()
        shutil.rmtree(self.folder)


class PagerDuty:
    """Takes change events as the Events API v2 does, or answers what a test tells it."""

    def __init__(self):
        self.events, self.answers, outer = [], [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.events.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(outer.answers.pop(0) if outer.answers else 202)
                self.end_headers()
                self.wfile.write(b'{"status":"success","message":"Change event processed"}')

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v2/change/enqueue"

    def summaries(self):
        return [event["payload"]["summary"] for _, event in self.events]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Consumer:
    """`tidewatch run` on an embedded broker, with a few metrics to read."""

    def __init__(self, folder):
        self.folder, self.processes = Path(folder), []
        broker = self.folder / "broker.txt"
        self.start("broker", "--port-file", broker, "--topic", "tidewatch.registers:3")
        until(lambda: broker.exists() and broker.read_text(), "the broker's port")
        environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": broker.read_text().strip()}
        start = datetime.now(timezone.utc) - timedelta(minutes=10)
        run(TIDEWATCH, "generate", "--minutes", 5, "--kind", "metric", "--start", stamp(start), "--bootstrap", environment["KAFKA_BOOTSTRAP_SERVERS"])
        settings = self.folder / "settings.yaml"
        self.ports = [free_port(), free_port()]
        settings.write_text(json.dumps({
            "apiVersion": "tidewatch/v1", "kind": "Settings", "metadata": {"name": "smoke"},
            "spec": {
                "kafka": {"bootstrapServers": "${KAFKA_BOOTSTRAP_SERVERS}"},
                "inputs": [{"topic": "metrics", "format": "metric-stream-json"}], "outputs": {"createTopics": False, "recordVersion": 2},
                "http": {"healthPort": self.ports[0], "metricsPort": self.ports[1]},
                "resources": [str(ROOT / "deploy/examples/resources")]}}))
        self.start("run", "--config", settings, env=environment)
        until(self.is_ready, "the consumer's readiness")

    def start(self, *words, env=None):
        self.processes.append(subprocess.Popen([TIDEWATCH, *map(str, words)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[0]}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def close(self):
        # The consumer first, which publishes and commits once more.
        for process in reversed(self.processes):
            process.terminate()
            process.wait(SECONDS_MAX)


def until(condition, what, seconds=SECONDS_MAX):
    """Asks what announces nothing."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)
