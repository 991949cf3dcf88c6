"""A real redis-server as the feed's cache: a cluster of one node, by TLS alone, with the users and rights of the stack."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import redis

sys.path.append(str(Path(__file__).resolve().parents[3] / "scripts"))
from ports import free_ports  # noqa: E402

ADMINISTRATOR_PASSWORD = "administrator"


class CacheServer:
    """Runs in a folder of its own until it is stopped. Hash tags, rights and certificates are checked as ElastiCache does."""

    def __init__(self, folder):
        self.folder = folder
        self.signed_in = {}
        self.authority = folder / "certificate.pem"
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("there is no redis-server: apt-get install redis-server")
        self._make_certificate()
        self.port, bus_port = free_ports(2)
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, "--port", "0", "--tls-port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
             "--tls-ca-cert-file", str(self.authority), "--tls-cert-file", str(self.authority),
             "--tls-key-file", str(folder / "key.pem"), "--tls-auth-clients", "no",
             "--cluster-enabled", "yes", "--cluster-port", str(bus_port), "--tls-cluster", "yes",
             "--cluster-announce-hostname", "localhost", "--cluster-preferred-endpoint-type", "hostname",
             "--requirepass", ADMINISTRATOR_PASSWORD],
            stdout=self._log, stderr=subprocess.STDOUT)
        self.administrator = redis.Redis(
            host="localhost", port=self.port, password=ADMINISTRATOR_PASSWORD, ssl=True, ssl_ca_certs=str(self.authority),
            decode_responses=True)
        self._wait(lambda: self.administrator.ping())
        self.serve_all_slots()

    def serve_all_slots(self):
        self.administrator.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        self._wait(lambda: self.administrator.execute_command("CLUSTER INFO")["cluster_state"] == "ok")

    @property
    def process_id(self):
        return self._process.pid

    def admit(self, user, access, password):
        self.administrator.execute_command("ACL", "SETUSER", user, "reset", *access.split(), ">" + password)

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=300)
        self._log.close()

    def _make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", str(self.folder / "key.pem"), "-out", str(self.authority)],
            check=True, capture_output=True)

    def _wait(self, is_ready):
        """The server announces nothing: it is asked until it answers."""
        deadline = time.monotonic() + 300
        while True:
            try:
                if is_ready():
                    return
            except redis.RedisError:
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server is not ready:\n" + (self.folder / "log").read_text())
            time.sleep(0.02)
