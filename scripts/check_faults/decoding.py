"""Bytes to events: where records begin and end, headers, envelopes, what is not read."""

import base64
import gzip
import json

from inputs import FLOW_FIELDS, ONE, flow, slo, trail
from rows import Row, decode, field, run, write

SWAPPED = FLOW_FIELDS.replace("srcaddr dstaddr", "dstaddr srcaddr")
FLOW = ["--format", "vpc-flow"]
BALANCER = ('https 2026-01-15T09:00:00.186641Z app/web/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.0 0.0 0.0 200 200 0 57 '
            '"GET https://example.com:443/ HTTP/1.1" "curl" - - - "Root=1" "-" "-" 1 2026-01-15T09:00:00.0Z "forward" "-" "-"\n')
STORAGE = ('79a59df900b949e5 bucket [15/Jan/2026:09:00:00 +0000] 192.0.2.3 79a5 3E57 REST.GET.VERSIONING - '
           '"GET /b?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" -\n')
DIGEST = json.dumps({"awsAccountId": "1", "digestStartTime": "2026-01-15T08:00:00Z", "digestS3Bucket": "b", "logFiles": []})
HUGE = '{"eventTime":"2026-01-15T09:00:00Z","eventID":"n","eventName":"DeleteTrail","requestParameters":{"size":1e400}}\n'
SIZES = "".join(
    slo(trail("bad", bad), trail("total"), name=name) + "---\n"
    for name, bad in [("large", "event.requestParameters.size > 5.0"), ("deletes", 'event.eventName == "DeleteTrail"')])
SURROGATE = '{"eventTime":"2026-01-15T09:00:00Z","userAgent":"\\ud83d"}'
SUBSCRIPTION = {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"]}
METRIC_DATA = {"MetricDataResults": [{
    "Id": "m1", "Label": "CPUUtilization", "Timestamps": ["2026-01-15T09:00:00+00:00", "2026-01-15T09:01:00+00:00"],
    "Values": [1.5, 2.5], "StatusCode": "Complete"}], "Messages": []}
LOOKED_UP = {"EventId": "a", "EventName": "Get", "EventTime": 1768467600.0, "CloudTrailEvent": ONE}


def huge_number():
    """Each SLO of an input that has a number beyond all numbers, and how many audit records there are."""
    def look(folder, data):
        write(folder, "slo.yaml", SIZES)
        done = run(folder, "replay", "--resources", "slo.yaml", "--report", "json", "--out", "out", "-", data=data)
        slos = {slo["name"]: slo for slo in json.loads(done.stdout)["slos"]}
        with open(f"{folder}/out/audit.ndjson", encoding="utf-8") as file:
            audited = len(file.readlines())
        counts = ", ".join(f"{name} {slos[name]['bad']} of {slos[name]['total']}" for name in sorted(slos))
        return f"{counts}, {audited} audited"
    return "replay --resources slo.yaml --report json --out out -", look


def kinesis(text):
    data = base64.b64encode(text.encode()).decode()
    return json.dumps({"Records": [{"kinesis": {"data": data, "approximateArrivalTimestamp": 1768467600.1},
                                    "eventSource": "aws:kinesis", "eventID": "s:1"}]})


def header(fields):
    return fields + "\n" + flow()


ROWS = [
    Row("a document over lines", *decode(), '{"Records":[%s\n,%s]}' % (ONE, ONE), "decoded 2, dead-lettered 0"),
    Row("a document with a line break wherever one may be", *decode(), json.dumps({"Records": [json.loads(ONE)] * 2}, indent=0),
        "decoded 2, dead-lettered 0"),
    Row("records without newlines, 17 MB", *decode(), (ONE[:-1] + ',"x":"%s"}' % ("0" * 900)) * 18_000,
        "decoded 18000, dead-lettered 0"),
    Row("the same in an envelope, gzip'd", *decode(), gzip.compress(
        ('{"Records":[' + ",".join([ONE[:-1] + ',"x":"%s"}' % ("0" * 900)] * 18_000) + "]}").encode(), 1),
        "decoded 18000, dead-lettered 0"),
    Row("a control byte", *decode(), ONE[:-1] + ',"u":"\x01"}\n' + ONE + "\n", "decoded 1, dead-lettered 1; invalid_json: 1"),
    Row("a control byte in a flow log", *decode(*FLOW), flow(interface="eni-\x01") + flow(),
        "decoded 1, dead-lettered 1; invalid_field: 1"),
    Row("half a surrogate pair", *decode(), SURROGATE + "\n", "decoded 1, dead-lettered 0"),
    Row("half a surrogate pair in a log subscription", *decode(), json.dumps(
        {**SUBSCRIPTION, "logEvents": [{"id": "1", "timestamp": 1, "message": line} for line in [SURROGATE, ONE]]}),
        "decoded 2, dead-lettered 0"),
    Row("a record with a message", *decode("--format", "cloudtrail"),
        '{"message":"PutObject by x","eventTime":"2026-01-15T09:00:00Z"}\n', "decoded 1, dead-lettered 0"),
    Row("a number beyond all numbers", *huge_number(), HUGE, "deletes 1 of 1, large 0 of 1, 1 audited"),
    Row("an escape in a time", *decode(), '{"eventTime":"2026\\u002d01-15T09:00:00Z"}\n', "decoded 1, dead-lettered 0"),
    Row("a header that names a field twice", *field("srcaddr", *FLOW), header(
        "version account-id interface-id dstaddr srcaddr dstport srcport protocol bytes bytes start end action log-status"),
        '["10.0.0.2"]'),
    Row("a header in capitals", *field("srcaddr"), header(SWAPPED.upper()), '["10.0.0.2"]'),
    Row("a header of a template", *field("srcaddr"), header(" ".join("${%s}" % name for name in SWAPPED.split())), '["10.0.0.2"]'),
    Row("a header with commas", *field("srcaddr"), header(SWAPPED.replace(" ", ",")), '["10.0.0.2"]'),
    Row("a header with tabs", *field("srcaddr"), header(SWAPPED.replace(" ", "\t")), '["10.0.0.2"]'),
    Row("a header in quotes", *field("srcaddr"), header(" ".join(f'"{name}"' for name in SWAPPED.split())), '["10.0.0.2"]'),
    Row("a header behind a byte order mark, in the middle too", *field("srcaddr", *FLOW),
        "\ufeff" + header(FLOW_FIELDS) + "\ufeff" + header(SWAPPED), '["10.0.0.1", "10.0.0.2"]'),
    Row("a header with no-break spaces", *field("srcaddr", *FLOW), header(SWAPPED.replace(" ", "\u00a0")), '["10.0.0.2"]'),
    Row("a header that can't be read", *decode(*FLOW), header(FLOW_FIELDS) + header("#" + SWAPPED) + header(FLOW_FIELDS),
        "decoded 2, dead-lettered 2; invalid_field: 1; refused_header: 1"),
    Row("a field that no version knows", *field("new_field", *FLOW), header(FLOW_FIELDS.replace("packets", "new-field")), '["10"]'),
    Row("Parquet", *decode(*FLOW), "PAR1" + "\x15\x04\n" * 200 + "PAR1", "decoded 0, dead-lettered 1; parquet: 1"),
    Row("UTF-16", *decode(), (ONE + "\n").encode("utf-16"), "decoded 0, dead-lettered 1; utf_16: 1"),
    Row("a CloudTrail digest, gzip'd", *decode(), gzip.compress(DIGEST.encode()), "decoded 0, dead-lettered 1; cloudtrail_digest: 1"),
    Row("a load balancer's log", *decode(*FLOW), BALANCER * 3, "decoded 0, dead-lettered 1; access_log: 1"),
    Row("S3's access log among calls", *decode("--format", "cloudtrail"), STORAGE * 3, "decoded 0, dead-lettered 1; access_log: 1"),
    *[Row(f"a text file, {format}", *decode("--format", format), "These are the logs of the estate.\nSee the wiki.\n",
          "decoded 0, dead-lettered 1; text_file: 1") for format in ["auto", "cloudtrail", "vpc-flow", "metric-stream-json"]],
    Row("an XML file of one line", *decode(), '<?xml version="1.0"?><Error/>', "decoded 0, dead-lettered 1; text_file: 1"),
    Row("an SQS message", *decode(), json.dumps({"Messages": [{"MessageId": "1", "ReceiptHandle": "h", "Body": ONE}]}),
        "decoded 1, dead-lettered 0"),
    Row("Kinesis, as Lambda is handed it", *decode(), kinesis(ONE), "decoded 1, dead-lettered 0"),
    Row("lookup-events", *decode(), json.dumps({"Events": [LOOKED_UP] * 2}, indent=4), "decoded 2, dead-lettered 0"),
    Row("lookup-events, one by one", *decode(), (json.dumps(LOOKED_UP) + "\n") * 2, "decoded 2, dead-lettered 0"),
    Row("lookup-events, as a list", *decode("--format", "cloudtrail"), json.dumps([LOOKED_UP] * 2), "decoded 2, dead-lettered 0"),
    Row("get-metric-data", *decode(), json.dumps(METRIC_DATA), "decoded 2, dead-lettered 0"),
    Row("a record of another kind in OTLP", *decode("--format", "otlp-json"), ONE, "decoded 0, dead-lettered 1; no_points: 1"),
]
TESTS = []
