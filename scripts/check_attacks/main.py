"""Runs the attacks; see scripts/attack."""

import os
import sys

# Rows, the broker and the producer of one check, the hostile strings of another.
SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path += [f"{SCRIPTS}/check_faults", f"{SCRIPTS}/check_inert"]

import clocks  # noqa: E402
import configuration  # noqa: E402
import evidence  # noqa: E402
import floods  # noqa: E402
import host_clock  # noqa: E402
import identity  # noqa: E402
import monitors  # noqa: E402
import network  # noqa: E402
import outputs  # noqa: E402
import overwritten  # noqa: E402
import own_topics  # noqa: E402
import running  # noqa: E402
import sinks  # noqa: E402
import supply  # noqa: E402

GROUPS = [
    ("Histories, and times that records say", clocks), ("Clocks of hosts", host_clock), ("Identity", identity), ("Floods", floods), ("Monitors", monitors),
    ("Records in our own topics", own_topics), ("Settings", configuration), ("Files and what is left out", overwritten),
    ("Sinks", sinks), ("Brokers and ports", network), ("Outputs", outputs), ("What it is made of", supply), ("Evidence", evidence)]

if __name__ == "__main__":
    running.run_all("attack", "attacks", GROUPS)
