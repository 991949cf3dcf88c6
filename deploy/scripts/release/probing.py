"""Reading a pod's own ports through `kubectl port-forward`, which no network policy stands in the way of."""

import http.client
import queue
import re
import subprocess
import threading
import urllib.error
import urllib.request

from .cluster import Failure

FORWARDED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+) -> (\d+)")
LINE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


# The port is this machine's own: no proxy of the environment.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Pod:
    """A pod's health and metrics, from `open` to `close`."""

    def __init__(self, cluster, name):
        self.cluster, self.name, self.seconds = cluster, name, cluster.answer
        self.process, self.ports = None, {}

    def open(self):
        if self.process:
            return
        command = [*self.cluster.base, "port-forward", f"pod/{self.name}", ":8080", ":9090"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = queue.Queue()
        threading.Thread(target=lambda: [*map(lines.put, self.process.stdout), lines.put(None)], daemon=True).start()
        last = ""
        while len(self.ports) < 2:
            try:
                line = lines.get(timeout=self.seconds)
            except queue.Empty:
                self.close()
                raise Failure(f"{self.name}: kubectl port-forward: no port within {self.seconds:g} s") from None
            if line is None:
                raise Failure(f"{self.name}: kubectl port-forward ended: {last.strip() or 'it said nothing'}")
            last = line
            if found := FORWARDED.search(line):
                self.ports[int(found[2])] = int(found[1])

    def is_lost(self):
        return self.process is None or self.process.poll() is not None

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def get(self, port, path):
        """(status, text); the status is 0 where nobody answers."""
        try:
            with DIRECT.open(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=self.seconds) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace").strip()
        except (OSError, ValueError, http.client.HTTPException) as error:
            # Nobody, or somebody who speaks no HTTP.
            return 0, str(getattr(error, "reason", error))

    def metrics(self):
        """(name, labels, value) of each sample."""
        status, text = self.get(9090, "/metrics")
        if status != 200:
            raise Failure(f"{self.name}: /metrics: {status or 'no answer'} {text}")
        found = (LINE.match(line) for line in text.splitlines() if not line.startswith("#"))
        try:
            return [(each[1], dict(LABEL.findall(each[2] or "")), float(each[3])) for each in found if each]
        except ValueError as error:
            raise Failure(f"{self.name}: /metrics: {error}") from None
