"""The benchmark's jobs in DuckDB: with_duckdb.py JOB INPUT OUT. Writes the same CSV files as `tidewatch replay`."""

import os
import sys

import duckdb

job, source, out = sys.argv[1:]
os.makedirs(f"{out}/rollups", exist_ok=True)
os.makedirs(f"{out}/anomalies", exist_ok=True)
db = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})


def write(query, path):
    db.execute(f"COPY ({query}) TO '{out}/{path}.csv' (HEADER)")


def json_lines(columns):
    return f"read_json('{source}', format = 'newline_delimited', columns = {{{columns}}})"


if job == "services":
    events = json_lines(
        "eventTime: 'TIMESTAMP', eventSource: 'VARCHAR', errorCode: 'VARCHAR', "
        "userIdentity: 'STRUCT(principalId VARCHAR)'")
    write(f"""
        SELECT epoch(date_trunc('minute', eventTime))::BIGINT AS window_start, eventSource, count(*) AS calls,
            count(errorCode) AS failures, count(DISTINCT userIdentity.principalId) AS principals
        FROM {events} GROUP BY ALL ORDER BY ALL""", "rollups/services")

if job in ("traffic", "traffic+scanners"):
    names = ("version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start_at end_at "
             "action log_status").split()
    numbers = {"dstport": "USMALLINT", "packets": "UBIGINT", "bytes": "UBIGINT", "start_at": "BIGINT"}
    columns = ", ".join(f"{name}: '{numbers.get(name, 'VARCHAR')}'" for name in names)
    flows = (f"read_csv('{source}', auto_detect = false, header = true, delim = ' ', quote = '', escape = '', "
             f"nullstr = '-', columns = {{{columns}}})")
    write(f"""
        SELECT start_at // 60 * 60 AS window_start, interface_id, action, sum(packets)::BIGINT AS packets,
            sum(bytes)::BIGINT AS bytes, count(*) AS flows
        FROM {flows} WHERE log_status = 'OK' GROUP BY ALL ORDER BY ALL""", "rollups/traffic")
    if job == "traffic+scanners":
        write(f"""
            WITH tried AS (
                SELECT start_at // 60 * 60 AS window_start, srcaddr, count(DISTINCT dstport) AS ports
                FROM {flows} WHERE log_status = 'OK' GROUP BY ALL)
            FROM tried
            QUALIFY row_number() OVER (PARTITION BY window_start ORDER BY ports DESC, srcaddr) <= 10
            ORDER BY window_start, srcaddr""", "rollups/scanners")

if job == "series":
    points = json_lines(
        "account_id: 'VARCHAR', region: 'VARCHAR', namespace: 'VARCHAR', metric_name: 'VARCHAR', "
        "dimensions: 'VARCHAR', \"timestamp\": 'BIGINT', "
        "value: 'STRUCT(max DOUBLE, min DOUBLE, sum DOUBLE, count DOUBLE)'")
    db.execute(f"""
        CREATE TABLE series AS
        SELECT "timestamp" // 60000 * 60 AS window_start, account_id, region, namespace, metric_name, dimensions,
            max(value.max) AS max, min(value.min) AS min, sum(value.sum) AS sum, sum(value.count) AS count
        FROM {points} GROUP BY ALL""")
    write("FROM series ORDER BY ALL", "rollups/series")
    # One step of the recursion takes all series one window further: the test comes before the update.
    write("""
        WITH RECURSIVE numbered AS (
            SELECT *, sum / count AS x,
                dense_rank() OVER (ORDER BY account_id, region, namespace, metric_name, dimensions) AS id,
                row_number() OVER (
                    PARTITION BY account_id, region, namespace, metric_name, dimensions ORDER BY window_start) AS n
            FROM series),
        state AS (
            SELECT id, n, x AS mean, 0::DOUBLE AS variance, NULL::VARCHAR AS direction FROM numbered WHERE n = 1
            UNION ALL
            SELECT next.id, next.n, mean + 0.2 * (next.x - mean), 0.8 * (variance + 0.2 * (next.x - mean) ** 2),
                CASE WHEN state.n >= 10 AND variance > 0 AND abs(next.x - mean) > 5 * sqrt(variance)
                    THEN CASE WHEN next.x > mean THEN '+' ELSE '-' END END
            FROM state JOIN numbered AS next ON next.id = state.id AND next.n = state.n + 1)
        SELECT window_start, account_id, region, namespace, metric_name, dimensions, direction
        FROM state JOIN numbered USING (id, n) WHERE direction IS NOT NULL ORDER BY ALL""", "anomalies/unusual")
