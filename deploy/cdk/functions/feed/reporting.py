"""Logs and metrics: one JSON object on a line, which CloudWatch turns into metrics where it says so (its embedded format)."""

import json
import os
import time

NAMESPACE = "Tidewatch/AlertFeed"


def log(level, message, **more):
    print(json.dumps({"level": level, "message": message, **more}))


def count(**values):
    """Counts of one invocation; what is 0 is left out."""
    values = {name: value for name, value in values.items() if value}
    if not values:
        return
    metrics = [{"Name": name, "Unit": "Milliseconds" if name.endswith("Milliseconds") else "Count"} for name in values]
    print(json.dumps({
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["Feed"]], "Metrics": metrics}]},
        "Feed": os.environ.get("FEED_NAME", "unnamed"), **values}))
