"""Resources that group by what a caller chooses freely."""


def agents(warmup=10):
    """A rollup of user agents by minute, and a monitor of it that knows a group after so many windows."""
    return f"""\
apiVersion: tidewatch/v1
kind: Rollup
metadata: {{name: agents}}
spec: {{source: CloudTrail, window: 1m, groupBy: [userAgent], measures: [{{name: n, count: true}}]}}
---
apiVersion: tidewatch/v1
kind: AnomalyMonitor
metadata: {{name: agents}}
spec:
  rollup: agents
  value: n
  method: {{ewma: {{alpha: 0.2, threshold: 5, warmup: {warmup}}}}}
  alert: {{severity: warning, summary: "{{n}} by {{userAgent}}", direction: up}}
"""
