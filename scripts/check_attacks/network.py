"""Brokers that hang, connections that say nothing, former TLS versions, secrets that change."""

import resource
import signal
import socket
import ssl
import subprocess
import threading
import time

from inputs import CALLS, call
from kafka import Live, awaited
from measures import answer, below, connections, healthy, peak_megabytes, started, within
from rows import BINARY, Row, write
from sinks import KEY, Receiver, burning

AT_ONCE = 5
BEGINS_EARLY = True
# Where connections come from: thousands from the first address would take the ports of others there.
OWN = ("127.0.0.2", 0)
HALF = b"GET /metrics HTTP/1.1\r\nHost: "
# What a port takes at once, and how long it waits for a request.
CONNECTIONS, HEADER_SECONDS = 64, 10

VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def open_ones(held):
    """How many the other side has not closed."""
    count = 0
    for connection in held:
        connection.setblocking(False)
        try:
            # An answer may stand in front of the end.
            while connection.recv(1 << 16):
                pass
        except BlockingIOError:
            count += 1
        except OSError:
            pass
    return count


def half_open(wanted, files=None):
    """Connections to the port of metrics that send half a request, while a probe asks the other port."""
    def look(folder, data):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, wanted + 1000)), hard))
        held = []
        with Live(folder, CALLS) as live:
            started(live, files=files)
            awaited(lambda: answer(live.health, "/readyz")[0] == 200)
            try:
                for _ in range(wanted):
                    try:
                        held.append(socket.create_connection(("127.0.0.1", live.port), timeout=2, source_address=OWN))
                        held[-1].sendall(HALF)
                    except OSError:
                        pass
                probes = healthy(live)
                # One that makes room is closed a moment after the one that it makes room for came.
                awaited(lambda: connections(live.consumer, live.port) <= CONNECTIONS, 2)
                opened = connections(live.consumer, live.port)
                memory = peak_megabytes(live.consumer)
                awaited(lambda: open_ones(held) == 0, HEADER_SECONDS + 5)
                later = open_ones(held)
            finally:
                for connection in held:
                    connection.close()
            return (f"{probes} of 3 probes; {below(opened, CONNECTIONS + 1, 'open')}, {later} after {HEADER_SECONDS + 5} s; "
                    f"{below(memory, 300, 'MB')}")
    return ("" if files is None else f"ulimit -n {files}; ") + "run", look


def silent(folder, data):
    """Connections that say nothing, half of a header, or a byte a second, on both ports."""
    with Live(folder, CALLS) as live:
        live.start()
        awaited(lambda: answer(live.health, "/readyz")[0] == 200)
        held = []
        for port in (live.health, live.port):
            for words in (b"", HALF, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\na"):
                held.append(socket.create_connection(("127.0.0.1", port), timeout=2, source_address=OWN))
                held[-1].sendall(words)
        drip = socket.create_connection(("127.0.0.1", live.port), timeout=2, source_address=OWN)
        end = time.monotonic() + 2 * HEADER_SECONDS + 5

        def dripped():
            try:
                drip.sendall(b"G")
            except OSError:
                return True
            return False

        closed = awaited(dripped, end - time.monotonic())
        awaited(lambda: open_ones(held) == 0, end - time.monotonic())
        return f"{len(held) - open_ones(held) + bool(closed)} of {len(held) + 1} closed"


def hung_broker(folder, data):
    """With the group's usual time-outs: a session that ends soon would say the same."""
    with Live(folder, CALLS) as live:
        with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
            text = file.read()
        write(folder, "settings.yaml", text.replace("session.timeout.ms: 6000, heartbeat.interval.ms: 500, ", ""))
        live.start()
        live.send((int(time.time() * 1000), call(int(time.time()) - 400, "one")))
        live.counted(1)
        awaited(lambda: answer(live.health, "/readyz")[0] == 200)
        live.broker.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        awaited(lambda: answer(live.health, "/readyz")[0] == 503, 40)
        seconds = time.monotonic() - began
        live.broker.send_signal(signal.SIGCONT)
        again = awaited(lambda: answer(live.health, "/readyz")[0] == 200, 60)
        return f"not ready {within(seconds, 15)}, {'ready again' if again else 'never ready again'}"


class Speaker:
    """A listener that speaks TLS up to a version."""

    def __init__(self, folder, latest):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, latest
        context.load_cert_chain(f"{folder}/tls.crt", f"{folder}/tls.key")
        self.context, self.agreed = context, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.speak, daemon=True).start()

    def speak(self):
        while True:
            plain, _ = self.socket.accept()
            plain.settimeout(5)
            try:
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    self.agreed.append(connection.version())
            except OSError:
                self.agreed.append("refused")


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "tls.key", "-out", "tls.crt"],
                   cwd=folder, capture_output=True, check=True)


def to_brokers(more=""):
    """What is agreed on with a broker that speaks 1.0, 1.1, 1.2, 1.3 at the most."""
    def look(folder, data):
        certificate(folder)
        said = []
        for version in VERSIONS:
            speaker = Speaker(folder, version)
            write(folder, "settings.yaml", "apiVersion: tidewatch/v1\nkind: Settings\nmetadata: {name: s}\nspec:\n"
                  f"  kafka: {{bootstrapServers: 'localhost:{speaker.port}', security: {{protocol: ssl, caFile: tls.crt}}}}\n"
                  f"  inputs: [{{topic: t}}]\n{more}")
            command = subprocess.Popen([BINARY, "slo", "report", "--config", "settings.yaml"], cwd=folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE)
            awaited(lambda: speaker.agreed or command.poll() is not None, 20)
            if not speaker.agreed:
                return command.communicate()[1].decode()[-300:]
            command.kill()
            command.communicate()
            said.append(speaker.agreed[0])
        return ", ".join(said)
    return "slo report --config", look


def handshake(port, version):
    """The TLS version that is agreed on with one who speaks this one at the most, or `refused`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as connection:
            return connection.version()
    except OSError:
        return "refused"


def ports_with_tls(folder, data):
    certificate(folder)
    with Live(folder, CALLS) as live:
        with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
            text = file.read()
        write(folder, "settings.yaml", text.replace(
            "http: {", "http: {tls: {certificateFile: tls.crt, keyFile: tls.key}, "))
        live.start()
        awaited(lambda: handshake(live.health, ssl.TLSVersion.TLSv1_3) != "refused" or live.consumer.poll() is not None, 30)
        said = [handshake(port, version) for port in (live.health, live.port) for version in VERSIONS]
        plain = [answer(port, "/healthz", 3)[0] for port in (live.health, live.port)]
        return f"{', '.join(said)}; plain {plain.count(0)} of 2 refused"


def another_key(folder, data):
    """A routing key that is written anew while its receiver refuses the former one."""
    former, latest = KEY, KEY[::-1]
    receiver = Receiver(lambda body: (202 if latest.encode() in body else 503, {}))
    write(folder, "key", former + "\n")
    more = f"  pagerDuty: {{routingKeyFile: key, endpoint: '{receiver.address}'}}\n"
    with Live(folder, CALLS, more=more) as live:
        live.send(*burning(int(time.time())))
        live.start()
        awaited(lambda: receiver.bodies, 40)
        with_former = sum(former.encode() in body for body in receiver.bodies)
        write(folder, "key", latest + "\n")
        sent = awaited(lambda: any(latest.encode() in body for body in receiver.bodies), 45)
        return f"{'some' if with_former else 'none'} with the former key, {'then with the new one' if sent else 'none with the new one'}"


def nonsense(folder, data):
    """Requests that are none, to both ports."""
    requests = [b"GET / HTTP/1.1\r\nx: " + b"a" * (1 << 20) + b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100_000 + b"\r\n",
                b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\x01" * 600,
                b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"]
    with Live(folder, CALLS) as live:
        live.start()
        awaited(lambda: answer(live.health, "/readyz")[0] == 200)
        taken = 0
        for port in (live.health, live.port):
            for request in requests:
                with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
                    try:
                        connection.sendall(request)
                        taken += connection.recv(12) == b"HTTP/1.1 200"
                    except OSError:
                        pass
        return f"{taken} of {2 * len(requests)} taken; {healthy(live)} of 3 probes; {below(peak_megabytes(live.consumer), 300, 'MB')}"


ROWS = [
    Row("300 half-open connections to the port of metrics", *half_open(300, files=300), "",
        "3 of 3 probes; below 65 open, 0 after 15 s; below 300 MB"),
    Row("10,000 half-open connections to the port of metrics", *half_open(10_000), "",
        "3 of 3 probes; below 65 open, 0 after 15 s; below 300 MB"),
    Row("connections that say nothing, or say it slowly", "run", silent, "", "7 of 7 closed"),
    Row("requests that are none", "run", nonsense, "", "0 of 14 taken; 3 of 3 probes; below 300 MB"),
    Row("a broker that hangs", "run; kill -STOP", hung_broker, "", "not ready within 15 s, ready again"),
    Row("brokers that speak 1.0, 1.1, 1.2, 1.3 at the most", *to_brokers(), "", "refused, refused, TLSv1.2, TLSv1.3"),
    Row("the same where 1.3 is the least", *to_brokers("  tls: {minimumVersion: '1.3'}\n"), "", "refused, refused, refused, TLSv1.3"),
    Row("ports with TLS: clients of 1.0, 1.1, 1.2, 1.3, and one without", "run", ports_with_tls, "",
        "refused, refused, TLSv1.2, TLSv1.3, refused, refused, TLSv1.2, TLSv1.3; plain 2 of 2 refused"),
    Row("a routing key that is written anew", "run", another_key, "", "some with the former key, then with the new one"),
]
TESTS = []
