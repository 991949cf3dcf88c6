"""Runs the rows; see scripts/check-faults."""

import auditing
import counting
import decoding
import live
import monitors
import running
import safety
import times

GROUPS = [("Counting", counting), ("Time", times), ("Decoding", decoding), ("Audit", auditing), ("Monitors", monitors),
          ("Settings and files", safety), ("Over Kafka", live)]

if __name__ == "__main__":
    running.run_all("check-faults", "faults", GROUPS)
