"""What a receiver of alerts, or somebody in its place, can do and see."""

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from inputs import CALLS, call
from kafka import Live, awaited
from measures import log, started
from rows import Row, Test, run, write

AT_ONCE = 4
KEY = "0123456789abcdef" * 2
PAGER = "  pagerDuty: {routingKey: %s, endpoint: '%s'}\n"


class Receiver:
    """Answers as it is told, and keeps what is posted."""

    def __init__(self, answering=lambda _: (202, {})):
        bodies = self.bodies = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bodies.append(body)
                status, headers = answering(body)
                self.send_response(status)
                for name, value in {"Content-Length": "2", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keys(self):
        return {json.loads(body)["dedup_key"] for body in self.bodies}


class Listener:
    """Takes connections, and keeps the first bytes of each."""

    def __init__(self, answer=b""):
        self.firsts = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.take, args=(answer,), daemon=True).start()

    def take(self, answer):
        while True:
            connection, _ = self.socket.accept()
            connection.settimeout(5)
            try:
                self.firsts.append(connection.recv(4096))
                connection.sendall(answer)
            except OSError:
                pass
            connection.close()


def offered(hello):
    """The TLS versions and suites that a ClientHello offers."""
    if hello[:1] != b"\x16":
        raise ValueError(f"no TLS: {hello[:20]!r}")
    place = 5 + 4 + 2 + 32
    place += 1 + hello[place]
    size, = struct.unpack_from(">H", hello, place)
    suites = struct.unpack_from(f">{size // 2}H", hello, place + 2)
    place += 2 + size
    place += 1 + hello[place] + 2
    versions = [struct.unpack_from(">H", hello, 9)[0]]
    while place + 4 <= len(hello):
        kind, size = struct.unpack_from(">HH", hello, place)
        if kind == 43:
            versions = struct.unpack_from(f">{hello[place + 4] // 2}H", hello, place + 5)
        place += 4 + size
    names = {0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", 0x0304: "1.3"}
    # Suites with CBC or RSA key exchange, which 1.2 has for former times only.
    old = {0x000a, 0x002f, 0x0035, 0x003c, 0x003d, 0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0x009c, 0x009d}
    return f"TLS {', '.join(sorted(names[each] for each in versions if each in names))}, {len(old & set(suites))} old suites"


def burning(now, seconds=600):
    return [(now * 1000, call(now - 1800 + number * 4, f"b-{number}", failing=True)) for number in range(seconds // 4)]


def told(endpoint, objectives=1, more="", environment=None, done=lambda: False):
    """A consumer with burning objectives, until it has told enough of them."""
    def consumer(folder):
        resources = "---\n".join(CALLS.replace("name: calls", f"name: calls-{number}") for number in range(objectives))
        live = Live(folder, resources, more=PAGER % (KEY, endpoint) + more)
        live.send(*burning(int(time.time())))
        started(live, environment=environment)
        awaited(done, 40)
        return live
    return consumer


def one_of_twenty(folder, data):
    """A receiver that answers 500 to one alert of twenty for ever."""
    refused = []

    def answering(body):
        key = json.loads(body)["dedup_key"]
        refused[:] = refused or [key]
        return (500 if key in refused else 202), {}

    receiver = Receiver(answering)
    with told(receiver.address, 20, done=lambda: len(receiver.keys()) >= 20)(folder) as live:
        oldest = live.metric("tidewatch_notifications_oldest_seconds")
        return f"{len(receiver.keys() - set(refused))} of 20 delivered, {'the age of the other is told' if oldest > 0 else 'no age is told'}"


def elsewhere(folder, data):
    """What a receiver gets to which another one redirects."""
    other = Receiver()
    first = Receiver(lambda _: (307, {"Location": f"{other.address.replace('127.0.0.1', 'localhost')}/v2/enqueue"}))
    with told(first.address, 4, done=lambda: len(first.bodies) >= 4)(folder):
        return f"{len(other.bodies)} requests at the other one, {'some' if first.bodies else 'none'} at the first"


def to_a_sink(folder, data):
    listener = Listener()
    with told(f"https://127.0.0.1:{listener.port}/", done=lambda: listener.firsts)(folder):
        return offered(listener.firsts[0])


def through_a_proxy(folder, data):
    listener = Listener(b"HTTP/1.1 403 no\r\ncontent-length: 0\r\n\r\n")
    proxy = {"HTTPS_PROXY": f"http://user:hunter2@127.0.0.1:{listener.port}"}
    with told("https://events.example.invalid/v2/enqueue", environment=proxy, done=lambda: listener.firsts)(folder) as live:
        awaited(lambda: "403" in log(live), 10)
        first = listener.firsts[0].split(b"\r\n")[0].decode()
        return f"{first}; password {'in the log' if 'hunter2' in log(live) else 'not in the log'}"


def endpoints(*addresses):
    """The status of `config check` for each."""
    def look(folder, data):
        statuses = []
        for address in addresses:
            write(folder, "settings.yaml", "apiVersion: tidewatch/v1\nkind: Settings\nmetadata: {name: s}\nspec:\n"
                  "  kafka: {bootstrapServers: 'b:9092'}\n  inputs: [{topic: t}]\n" + PAGER % (KEY, address))
            statuses.append(run(folder, "config", "check", "settings.yaml").returncode)
        return f"{statuses.count(2)} of {len(addresses)} refused"
    return "config check settings.yaml", look


ROWS = [
    Row("plain http to another machine, and to the metadata of a cloud", *endpoints(
        "http://events.example.com/v2/enqueue", "http://169.254.169.254/x", "http://[fd00:ec2::254]/x", "ftp://events.example.com/",
        "http://127.0.0.1.example.com/"), "", "5 of 5 refused"),
    Row("a redirect to another origin", "run", elsewhere, "", "0 requests at the other one, some at the first"),
    Row("TLS offered to a receiver of alerts", "run", to_a_sink, "", "TLS 1.2, 1.3, 0 old suites"),
    Row("a proxy by HTTPS_PROXY that wants a password", "HTTPS_PROXY=http://USER:PASSWORD@HOST run", through_a_proxy, "",
        "CONNECT events.example.invalid:443 HTTP/1.1; password not in the log"),
    Row("one alert of twenty that is answered 500 for ever", "run", one_of_twenty, "",
        "19 of 20 delivered, the age of the other is told"),
]
TESTS = [
    Test("redirects, certificates, endless answers", "not followed, verified, cut", [
        "SinkClientTests/aRedirectionIsNotFollowed", "SinkClientTests/ofAnEndlessAnswerTheBeginningIsRead"]),
]
