"""A host whose clock is wrong: a library in front of the C library shifts what the process reads and waits by."""

import shutil
import subprocess
import time
from pathlib import Path

from front import Front
from inputs import CALLS, call
from kafka import Live, awaited
from measures import log, started
from rows import Row, write

AT_ONCE = 5
BEGINS_EARLY = True
SOURCE = Path(__file__).resolve().parents[2] / "Tests/HostClock"


def shifted(seconds):
    """A member with such a clock, which is idle and then gets 200 failures; and one with a right clock in its place."""
    def look(folder, data):
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-I", SOURCE / "include", "-o", "shift.so", SOURCE / "HostClock.c", "-ldl"],
            cwd=folder, capture_output=True, check=True)
        now = int(time.time())
        minute = now // 60 * 60 - 120
        with Live(folder, CALLS) as live:
            with open(f"{folder}/settings.yaml", encoding="utf-8") as file:
                text = file.read()
            # So that the failures' minute is judged some seconds after they have come.
            write(folder, "settings.yaml", text.replace(live.address, Front(live.address).address).replace(
                "idleTimeout: 2s", f"idleTimeout: 2s, allowedLateness: {now + 40 - minute - 60}s"))
            # A page takes five minutes that were counted.
            live.send((now * 1000, call(minute - 600, "first")))
            started(live, {"LD_PRELOAD": f"{folder}/shift.so", "HOST_CLOCK": str(seconds)})
            awaited(lambda: "clock" in log(live) or live.metric("tidewatch_events_decoded_total") >= 1, 30)
            # All partitions are idle for longer than idleTimeout: that this time passes is what is tested.
            time.sleep(4)
            live.send(*[((now + 8) * 1000, call(minute + number % 60, f"f-{number}", failing=True)) for number in range(200)])
            awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 201, 8)
            counted = live.metric("tidewatch_events_decoded_total") >= 201
            told = any("clock" in line and ('"error"' in line or '"warning"' in line) for line in log(live).splitlines())
            if live.consumer.poll() is None:
                live.stop()
            said = live.start().counted(201)
            opened = awaited(lambda: live.metric("tidewatch_alerts_open") == 1, 120)
            return (f"{'counted' if counted else 'not counted'}, {'said' if told else 'not said'}; then {said}, "
                    f"{'1 alert open' if opened else 'alerts open: ' + format(live.metric('tidewatch_alerts_open'), '.0f')}")
    return f"run with a clock {seconds:+} s off; run", look


ROWS = [
    Row("a host's clock that is right", *shifted(0), "", "counted, not said; then total 201, bad 200, violated, 1 alert open"),
    Row("a host's clock an hour ahead, all partitions idle, then failures", *shifted(3600), "",
        "not counted, said; then total 201, bad 200, violated, 1 alert open"),
    Row("a host's clock an hour behind", *shifted(-3600), "",
        "not counted, said; then total 201, bad 200, violated, 1 alert open"),
    Row("a host's clock 40 s ahead", *shifted(40), "", "counted, not said; then total 201, bad 200, violated, 1 alert open"),
    Row("a host's clock 40 s behind", *shifted(-40), "", "counted, not said; then total 201, bad 200, violated, 1 alert open"),
]
TESTS = []
