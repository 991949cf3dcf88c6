"""Counts: bounds, total and its parts, series that count since a start, selectors."""

from inputs import (BEGIN, CALLS, balancer, call, calls, cumulative, flow, metric, minutes, series, slo, source, trail)
from rows import Row, Test, report, warnings

TWICE = "".join(call(BEGIN, f"e-{number}") for number in range(60_000))
WITHIN = slo(trail("good", "!has(event.errorCode)"), trail("total", 'event.eventSource == "s3.amazonaws.com"'))
SLICES = slo(trail("bad", "has(event.errorCode)"), trail("total"), method="Timeslices",
             objective="{target: 0.999, timeSliceTarget: 0.9, timeSliceWindow: 1m}")
SHOP = slo("counter: true", series("bad", "requests.failed", namespace="shop"),
           series("total", "requests.total", namespace="shop"), window="1d")
ANYWHERE = slo("counter: true", series("bad", "requests.failed"), series("total", "requests.total"), window="1d")
LATENCY = slo(balancer("good", "RequestCount", statistic="TC(:0.5)"),
              balancer("total", "RequestCount", statistic="SampleCount"))
REQUESTS = slo(balancer("bad", "HTTPCode_Target_5XX_Count"), balancer("total", "RequestCount"))
TRAFFIC = metric("RequestCount", 0, sum=100.0) + metric("HTTPCode_Target_5XX_Count", 0, sum=2.0)
TRIMMED = "".join(metric("RequestCount", minute, '"TC(:0.5)":90.0', count=100.0) for minute in range(10))
SERIES = cumulative("requests.total", [100, 200, 300, 50]) + cumulative("requests.failed", [0, 1, 3, 1])

ROWS = [
    Row("a record a minute for twenty days", *report(CALLS), minutes(28_800), "total 28800, bad 0, met"),
    Row("60,000 eventIDs given twice", *report(CALLS), TWICE + TWICE, "total 60000, bad 0, incomplete"),
    Row("good beyond total", *report(WITHIN), calls(60, failing=lambda n: n < 10) + calls(40, "ec2", 100),
        "total 60, bad 10, violated"),
    Row("metrics with good beyond total", *report(slo(
        balancer("good", "RequestCount"), balancer("total", "HTTPCode_Target_5XX_Count"))), TRAFFIC, "total 0, bad 0, invalid"),
    Row("time slices spend the whole window's budget", *report(SLICES), calls(60, failing=lambda n: n < 30),
        "total 43200, bad 30, at_risk"),
    Row("series that count since a start, with a reset", *report(SHOP), SERIES, "total 350, bad 4, violated"),
    Row("histograms that count since a start", *report(slo(
        balancer("good", "lat", namespace="shop", statistic="SampleCount", dimensions={}),
        balancer("total", "lat", namespace="shop", statistic="SampleCount", dimensions={}), window="1d")),
        cumulative("lat", [100, 200, 300], kind="histogram"), "total 300, bad 0, incomplete"),
    Row("metrics without a namespace", *report(ANYWHERE), cumulative("requests.total", [100, 200], None)
        + cumulative("requests.failed", [1, 4], None), "total 200, bad 4, violated"),
    Row("trimmed counts as a latency SLO", *report(LATENCY), TRIMMED, "total 1000, bad 100, violated"),
    Row("a statistic that is never sent", *warnings(slo(
        balancer("good", "RequestCount", statistic="TC(:0.55)"), balancer("total", "RequestCount", statistic="SampleCount"))),
        TRIMMED, 'good matched no record: none has the statistic "TC(:0.55)"; near to it "TC(:0.5)"'),
    Row("a misspelt metric", *warnings(slo(balancer("bad", "HTTPCode_Target_5xx_Count"), balancer("total", "RequestCount"))), TRAFFIC,
        'bad matched no record: none has metric_name "HTTPCode_Target_5xx_Count"; near to it "HTTPCode_Target_5XX_Count"'),
    Row("a misspelt namespace", *warnings(slo(
        balancer("bad", "HTTPCode_Target_5XX_Count"), balancer("total", "RequestCount", namespace="AWS/ApplicationElb"))), TRAFFIC,
        'total matched no record: none has namespace "AWS/ApplicationElb"; near to it "AWS/ApplicationELB"'),
    Row("a misspelt load balancer", *warnings(REQUESTS.replace("app/shop/1", "app/shp/1")), TRAFFIC,
        'total matched no record: none has dimensions.LoadBalancer "app/shp/1"; near to it "app/shop/1"'),
    Row("a misspelt dimension", *warnings(REQUESTS.replace("LoadBalancer", "Loadbalancer")), TRAFFIC,
        'total matched no record: none has dimensions.Loadbalancer; near to it "LoadBalancer"'),
    Row("misspelt names of calls", *warnings(slo(
        trail("bad", "has(event.errorCode)"), trail("total", 'event.eventName in ["GetObjct", "GetObjec"]'))), calls(5),
        'total matched no record: none has eventName "GetObjct" or "GetObjec"; near to it "GetObject"'),
    Row("a misspelt interface", *warnings(slo(
        source("bad", "VPCFlow", filter='event.action == "REJECT"'),
        source("total", "VPCFlow", filter='event.interface_id == "eni-0b"'))), flow(),
        'total matched no record: none has interface_id "eni-0b"; near to it "eni-0a"'),
]
TESTS = [
    Test("a sparse backlog within one flush", "live and replay count every record",
         ["LongHistoryTests/sparseBacklogCountsToTheUnitLiveAndInAReplay"]),
    Test("metrics that count since a start, over Kafka", "refused by name",
         ["CumulativeReplayTests/overKafkaTheyAreRefusedByName", "CumulativeMetricTests/cumulativeMetricOverKafkaIsRefusedByName"]),
]
