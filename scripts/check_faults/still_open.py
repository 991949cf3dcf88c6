"""What is known to be wrong still: today's value beside what is right."""

import time

from inputs import MONITOR, call
from kafka import Live, awaited
from rows import Row

FAILURES = MONITOR % {"name": "failures", "source": "CloudTrail", "group": "eventSource", "direction": "up"}


def late_for_a_monitor(folder, data):
    now = int(time.time())
    start = now // 60 * 60 - 3600
    calm = "".join(call(start + 60 * minute, f"c-{minute}-{n}") for minute in range(50) for n in range(2 + minute % 2))
    storm = "".join(call(now - 420, f"s-{number}") for number in range(150))
    with Live(folder, FAILURES) as live:
        live.send(((now - 500) * 1000, calm))
        live.start()
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 120, 30)
        # All partitions are idle for longer than idleTimeout: that this time passes is what is tested.
        time.sleep(6)
        live.send((now * 1000, storm))
        awaited(lambda: live.metric("tidewatch_events_decoded_total") >= 270, 30)
        awaited(live.alerts, 8)
        return f"{len(live.alerts())} alert"


ROWS = [
    Row("calls of seven minutes ago after a quiet time", "run; alerts list", late_for_a_monitor, "", "1 alert", True),
]
TESTS = []
