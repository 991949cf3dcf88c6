"""Event time: the future, records without a time, reports over nothing."""

import json

from inputs import CALL, CALLS, calls, flow, metric
from rows import Row, Test, decode, report, run, write

FUTURE = CALL % ("2126-01-15T09:00:00Z", "far", "s3", "GetObject", "")
FAILING = calls(40, failing=lambda n: n < 4)
NO_TIME = ["--format", "vpc-flow", "--flow-fields", "version srcaddr dstaddr action"]
SUBSCRIPTION = json.dumps({
    "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"],
    "logEvents": [{"id": "1", "timestamp": 1_768_467_600_000, "message": "2 10.0.0.1 10.0.0.2 ACCEPT"},
                  {"id": "2", "timestamp": 0, "message": "2 10.0.0.1 10.0.0.2 ACCEPT"}]})


def nothing(layout):
    """The first words of a report over an input without records."""
    def look(folder, data):
        write(folder, "slo.yaml", CALLS)
        text = run(folder, "replay", "--resources", "slo.yaml", "--report", layout, "-", data=data).stdout.decode()
        said = "nothing was counted" in text or '"at":null' in text or "\n,calls," in text
        return ("says so" if said else text[:80]) + (", 1970" if "1970" in text else "")
    return f"replay --resources slo.yaml --report {layout} -", look


def empty_folder(folder, data):
    done = run(folder, "slo", "report", "--from", ".")
    named = "windows.ndjson" in done.stderr.decode()
    return f"status {done.returncode}, windows.ndjson {'named' if named else 'not named'}"


ROWS = [
    Row("one of 41 dated 2126, first", *report(CALLS), FUTURE + FAILING, "total 40, bad 4, violated"),
    Row("one of 41 dated 2126, last", *report(CALLS), FAILING + FUTURE, "total 40, bad 4, violated"),
    Row("one of 41 four days ahead of the clock", *report(CALLS, "--now", "2026-01-15T10:00:00Z"),
        FAILING + FUTURE.replace("2126-01-15", "2026-01-19"), "total 40, bad 4, violated"),
    Row("a flow log without a time", *decode(*NO_TIME), "2 10.0.0.1 10.0.0.2 ACCEPT\n",
        "decoded 0, dead-lettered 1; missing_field: 1"),
    Row("flow logs with CloudWatch Logs' time, and with 0 as that", *decode(*NO_TIME), SUBSCRIPTION,
        "decoded 1, dead-lettered 1; missing_field: 1"),
    Row("a flow log with start and end 0", *decode("--format", "vpc-flow"), flow(0, 0),
        "decoded 0, dead-lettered 1; missing_field: 1"),
    Row("a metric at 0", *decode(), metric("RequestCount", 0).replace("1768467600000", "0"),
        "decoded 0, dead-lettered 1; missing_field: 1"),
    *[Row(f"a report over nothing, {layout}", *nothing(layout), "", "says so")
      for layout in ["table", "json", "markdown", "html", "csv"]],
    Row("a report from an empty folder", "slo report --from .", empty_folder, "", "status 1, windows.ndjson named"),
]
TESTS = [
    Test("a Kafka record's time of 1 ms, and some minutes before the event's", "decides nothing",
         ["FutureDateTests/theTimeOfAKafkaRecordDecidesNothing"]),
]
