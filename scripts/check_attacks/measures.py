"""What is measured of a consumer while it is attacked."""

import os
import re
import resource
import subprocess
import time
import urllib.error
import urllib.request

from rows import BINARY


def answer(port, path, timeout=20):
    """The status of a request, or 0 where none comes, and the seconds that it took."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as response:
            status = response.status
    except urllib.error.HTTPError as error:
        status = error.code
    except OSError:
        status = 0
    return status, time.monotonic() - began


def healthy(live):
    """How many of three probes are answered within a second."""
    return sum(status == 200 and seconds <= 1 for status, seconds in (answer(live.health, "/healthz") for _ in range(3)))


def peak_megabytes(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024


def connections(process, port):
    """How many connections of a port it has open; those that wait to be taken are not among them."""
    owned = set()
    for name in os.listdir(f"/proc/{process.pid}/fd"):
        try:
            owned.add(os.readlink(f"/proc/{process.pid}/fd/{name}").removeprefix("socket:[").rstrip("]"))
        except OSError:  # It was closed meanwhile.
            pass
    count = 0
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="utf-8") as file:
            for line in list(file)[1:]:
                fields = line.split()
                is_listening = fields[3] == "0A"
                count += not is_listening and int(fields[1].rsplit(":", 1)[1], 16) == port and fields[9] in owned
    return count


def log(live):
    with open(f"{live.folder}/log", encoding="utf-8", errors="replace") as file:
        return file.read()


def started(live, environment=None, files=None):
    """As `live.start()`, with other variables, or so many files at the most."""
    def limited():
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with open(f"{live.folder}/log", "ab") as output:
        live.consumer = subprocess.Popen(
            [BINARY, "run", "--config", "settings.yaml"], cwd=live.folder, stdout=output, stderr=output,
            env={**os.environ, **(environment or {})}, preexec_fn=limited)
    return live


def within(seconds, bound):
    """Against a bound; what was measured differs from run to run, and stands in brackets, which no row compares."""
    return f"within {bound} s [{seconds:.1f} s]" if seconds <= bound else f"after {seconds:.0f} s"


def below(value, bound, unit):
    return f"below {bound} {unit} [{value:.0f} {unit}]" if value < bound else f"{value:.0f} {unit}"
