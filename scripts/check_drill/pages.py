"""A receiver of pages in PagerDuty's place."""

import http.server
import json
import threading
import time


class Pages:
    def __init__(self):
        self.taken = []
        self.condition = threading.Condition()
        pages = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with pages.condition:
                    pages.taken.append((time.monotonic(), event))
                    pages.condition.notify_all()
                body = json.dumps({"status": "success", "dedup_key": event["dedup_key"]}).encode()
                self.send_response(202)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/v2/enqueue"

    def opened(self):
        """What opened incidents: when each came, what it is about, the event time that it names, and its dedup key."""
        with self.condition:
            return [(came, event["payload"].get("component"), event["payload"]["timestamp"], event["dedup_key"])
                    for came, event in self.taken if event["event_action"] == "trigger"]

    def repeated(self):
        """How many of them had been opened before, at the same event time."""
        opened = [(at, key) for _, _, at, key in self.opened()]
        return len(opened) - len(set(opened))

    def awaited(self, component, since, seconds):
        """When the first page about `component` came whose event time is not before `since`; `None` where none did."""
        deadline = time.monotonic() + seconds
        with self.condition:
            while True:
                if found := [came for came, about, at, _ in self.opened() if about == component and at >= since]:
                    return found[0]
                if not self.condition.wait(max(0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    return None

    def end(self):
        self.server.shutdown()
