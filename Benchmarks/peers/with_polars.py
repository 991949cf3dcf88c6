"""The benchmark's jobs in Polars: with_polars.py JOB INPUT OUT. Writes the same CSV files as `tidewatch replay`."""

import os
import sys

os.environ["POLARS_MAX_THREADS"] = "1"
import polars as pl
from polars import col

job, source, out = sys.argv[1:]
os.makedirs(f"{out}/rollups", exist_ok=True)
os.makedirs(f"{out}/anomalies", exist_ok=True)


def write(frame, path):
    frame.write_csv(f"{out}/{path}.csv")


if job == "services":
    events = pl.scan_ndjson(source, schema={
        "eventTime": pl.String, "eventSource": pl.String, "errorCode": pl.String,
        "userIdentity": pl.Struct({"principalId": pl.String})})
    counted = (
        # Grouped by the minute as text: only the few results are parsed as times.
        events.with_columns(
            minute=col("eventTime").str.head(16), principal=col("userIdentity").struct.field("principalId"))
        .group_by("minute", "eventSource")
        .agg(calls=pl.len(), failures=col("errorCode").count(), principals=col("principal").drop_nulls().n_unique())
        .collect(engine="streaming"))
    write(
        counted.select(
            col("minute").str.to_datetime("%Y-%m-%dT%H:%M").dt.epoch("s").alias("window_start"), "eventSource",
            "calls", "failures", "principals").sort("window_start", "eventSource"), "rollups/services")

if job in ("traffic", "traffic+scanners"):
    names = ("version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
             "log_status").split()
    numbers = {"dstport": pl.UInt16, "packets": pl.Int64, "bytes": pl.Int64, "start": pl.Int64}
    flows = (
        pl.scan_csv(
            source, separator=" ", has_header=False, skip_rows=1, quote_char=None, null_values="-",
            schema={name: numbers.get(name, pl.String) for name in names})
        .filter(col("log_status") == "OK").with_columns(window_start=col("start") // 60 * 60))
    queries = {"traffic": (
        flows.group_by("window_start", "interface_id", "action")
        .agg(col("packets").sum(), col("bytes").sum(), flows=pl.len())
        .sort("window_start", "interface_id", "action"))}
    if job == "traffic+scanners":
        queries["scanners"] = (
            flows.group_by("window_start", "srcaddr").agg(ports=col("dstport").drop_nulls().n_unique())
            .sort("window_start", "ports", "srcaddr", descending=[False, True, False])
            .group_by("window_start", maintain_order=True).head(10).sort("window_start", "srcaddr"))
    for name, frame in zip(queries, pl.collect_all(queries.values(), engine="streaming")):
        write(frame, f"rollups/{name}")

if job == "series":
    keys = ["account_id", "region", "namespace", "metric_name"]
    dimensions = ["LoadBalancer", "AvailabilityZone", "InstanceId"]
    points = pl.scan_ndjson(source, schema={
        **dict.fromkeys(keys, pl.String), "dimensions": pl.Struct(dict.fromkeys(dimensions, pl.String)),
        "timestamp": pl.Int64, "value": pl.Struct(dict.fromkeys(["max", "min", "sum", "count"], pl.Float64))})
    value = col("value").struct
    grouped = (
        points.with_columns(
            *[col("dimensions").struct.field(name) for name in dimensions],
            window_start=col("timestamp") // 60000 * 60)
        .group_by("window_start", *keys, *dimensions)
        .agg(
            max=value.field("max").max(), min=value.field("min").min(), sum=value.field("sum").sum(),
            count=value.field("count").sum())
        .collect(engine="streaming"))
    # Polars parses the dimensions, so the text they came as is put together again.
    texts = [pl.format('"' + name + '":"{}"', col(name)) for name in dimensions]
    text = pl.concat_str(pl.lit("{"), pl.concat_str(texts, separator=",", ignore_nulls=True), pl.lit("}"))
    series = grouped.with_columns(dimensions=text).select(
        "window_start", *keys, "dimensions", "max", "min", "sum", "count").sort(*keys, "dimensions", "window_start")
    write(series, "rollups/series")
    group = [*keys, "dimensions"]
    x = col("sum") / col("count")
    before = series.with_columns(
        x=x, seen=pl.int_range(pl.len()).over(group),
        mean=x.ewm_mean(alpha=0.2, adjust=False).shift(1).over(group),
        variance=x.ewm_var(alpha=0.2, adjust=False, bias=True).shift(1).over(group))
    distance = col("x") - col("mean")
    unusual = (col("seen") >= 10) & (col("variance") > 0) & (distance.abs() > 5 * col("variance").sqrt())
    write(
        before.filter(unusual).select(
            "window_start", *group,
            direction=pl.when(distance > 0).then(pl.lit("+")).otherwise(pl.lit("-"))), "anomalies/unusual")
