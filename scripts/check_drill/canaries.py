"""Metrics as a metric stream of the second region delivers them: canaries that fail for some minutes, and copies that fall behind."""

import datetime
import json
from pathlib import Path

START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.timezone.utc)
MINUTES, OUTAGE_BEGINS, OUTAGE_MINUTES, LAG_MINUTES = 120, 60, 6, 2
END = START + datetime.timedelta(minutes=90)
CANARIES = ["CHECKOUT-CANARY", "DOCUMENTS-CANARY", "WRITE-CANARY"]
# Of each objective of recovery-objectives.yaml: the minutes without, and whether that is more than it allows.
EXPECTED = {
    "rto-tier-9999": (6, False), "rto-tier-999": (6, False), "rto-zone": (6, True), "rto-database": (6, True),
    "rpo-tier-9999-aurora": (2, False), "rpo-tier-9999-topics": (0, False), "rpo-tier-999-objects": (2, False),
}


def write(path: Path, silent=False):
    """With `silent` the canaries say nothing while they should fail."""
    lines = []
    for minute in range(MINUTES):
        time = START + datetime.timedelta(minutes=minute)
        fails = OUTAGE_BEGINS <= minute < OUTAGE_BEGINS + OUTAGE_MINUTES
        lags = OUTAGE_BEGINS <= minute < OUTAGE_BEGINS + LAG_MINUTES
        points = [("CloudWatchSynthetics", "SuccessPercent", {"CanaryName": name}, 0 if fails else 100, "Percent")
                  for name in CANARIES if not (fails and silent)]
        points += [
            ("AWS/RDS", "AuroraGlobalDBRPOLag", {"DBClusterIdentifier": "SECOND-CLUSTER"}, 300_001 if lags else 900, "Milliseconds"),
            ("AWS/Kafka", "ReplicationLatency", {"ReplicatorName": "REPLICATOR"}, 300_000 if lags else 900, "Milliseconds"),
            ("AWS/S3", "ReplicationLatency", {"SourceBucket": "SOURCE-BUCKET", "DestinationBucket": "COPY", "RuleId": "all"},
             3_601 if lags else 20, "Seconds"),
        ]
        for namespace, name, dimensions, value, unit in points:
            lines.append(json.dumps({
                "metric_stream_name": "second-region", "account_id": "123456789012", "region": "us-west-2", "namespace": namespace,
                "metric_name": name, "dimensions": dimensions, "timestamp": int(time.timestamp() * 1000),
                "value": {"max": value, "min": value, "sum": value, "count": 1}, "unit": unit}))
    path.write_text("\n".join(lines) + "\n")
