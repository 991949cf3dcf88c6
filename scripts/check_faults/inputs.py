"""Made-up records and resources, as small as they can be."""

import datetime
import json

BEGIN = 1_768_467_600  # 2026-01-15T09:00:00Z
ONE = '{"eventTime":"2026-01-15T09:00:00Z"}'
CALL = '{"eventTime":"%s","eventID":"%s","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"us-east-1"%s}\n'
FLOW_FIELDS = ("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
               "log-status")


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def call(seconds, identity, source="s3", name="GetObject", failing=False, more=""):
    return CALL % (rfc3339(seconds), identity, source, name, (',"errorCode":"X"' if failing else "") + more)


def calls(count, source="s3", start=0, failing=lambda number: False):
    return "".join(
        call(BEGIN + 60 * (number % 60), f"id-{start + number}", source, failing=failing(number)) for number in range(count))


def minutes(count):
    """A record a minute, from the year's first."""
    return "".join(call(1_767_225_600 + 60 * number, f"m-{number}") for number in range(count))


def flow(start=BEGIN, end=None, interface="eni-0a", action="ACCEPT"):
    end = start + 60 if end is None else end
    return f"2 111122223333 {interface} 10.0.0.1 10.0.0.2 1 2 6 10 840 {start} {end} {action} OK\n"


def metric(name, minute, more="", **values):
    """A line of a metric stream. `more` is JSON between the braces of its value."""
    value = {"max": 1.0, "min": 0.0, "sum": 1.0, "count": 1.0, **values}
    text = json.dumps(value)[:-1] + ("," + more if more else "") + "}"
    return ('{"metric_stream_name":"s","account_id":"1","region":"us-east-1","namespace":"AWS/ApplicationELB",'
            '"metric_name":"%s","dimensions":{"LoadBalancer":"app/shop/1"},"timestamp":%d,"value":%s,"unit":"Count"}\n'
            % (name, (BEGIN + 60 * minute) * 1000, text))


def cumulative(name, values, service="shop", start=BEGIN, kind="sum"):
    """A series of OpenTelemetry that counts since its start, a point a minute."""
    lines = ""
    for minute, value in enumerate(values, 1):
        point = {"startTimeUnixNano": str(start * 10**9), "timeUnixNano": str((BEGIN + 60 * minute) * 10**9)}
        if kind == "sum":
            point["asInt"] = str(value)
        else:
            point.update(count=str(value), sum=float(value), bucketCounts=[str(value)], explicitBounds=[])
        body = {"aggregationTemporality": 2, "dataPoints": [point]}
        if kind == "sum":
            body["isMonotonic"] = True
        attributes = [{"key": "service.name", "value": {"stringValue": service}}] if service else []
        lines += json.dumps({"resourceMetrics": [{"resource": {"attributes": attributes}, "scopeMetrics": [
            {"metrics": [{"name": name, kind: body}]}]}]}) + "\n"
    return lines


SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: %s}
spec:
  service: platform
  timeWindow: [{duration: %s, isRolling: true}]
  budgetingMethod: %s
  objectives: [%s]
  indicator: {metadata: {name: i}, spec: {ratioMetric: {%s}}}
"""


def slo(*parts, method="Occurrences", objective="{target: 0.99}", name="calls", window="30d"):
    return SLO % (name, window, method, objective, ", ".join(parts))


def source(part, kind, **spec):
    return "%s: {metricSource: {type: %s, spec: %s}}" % (part, kind, json.dumps(spec))


def trail(part, filter_text=None):
    return source(part, "CloudTrail", **({"filter": filter_text} if filter_text else {}))


def balancer(part, name, **more):
    spec = {"namespace": "AWS/ApplicationELB", "metricName": name, "dimensions": {"LoadBalancer": "app/shop/1"}, **more}
    return source(part, "Metric", **spec)


def series(part, name, **more):
    return source(part, "Metric", metricName=name, statistic="Sum", **more)


CALLS = slo(trail("bad", "has(event.errorCode)"), trail("total"))
MONITOR = """\
apiVersion: tidewatch/v1
kind: Rollup
metadata: {name: %(name)s}
spec: {source: %(source)s, window: 1m, groupBy: [%(group)s], measures: [{name: n, count: true}]}
---
apiVersion: tidewatch/v1
kind: AnomalyMonitor
metadata: {name: %(name)s}
spec:
  rollup: %(name)s
  value: n
  method: {ewma: {alpha: 0.2, threshold: 5, warmup: 10}}
  alert: {severity: warning, summary: "{n}", direction: %(direction)s}
"""
