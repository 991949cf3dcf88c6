/// What the members count: all three sources, every way of counting, and alerts of both classes.
///
/// The names of the objectives are the ledger's.
enum Resources {
    static let text =
        services + ["us-east-1a", "us-east-1b", "us-east-1c"].map(availability).joined() + latency + calls + flows
        + rollups + monitors

    /// The measures of each rollup, in their order.
    static let measures: [String: [(name: String, isLeast: Bool)]] = [
        "flows-by-interface": ["flows", "rejected", "volume", "smallest", "largest", "ports", "p95"],
        "calls-by-service": ["calls", "errors", "callers"],
        "console-sign-ins": ["attempts", "failed"],
        "data-by-metric": ["data"],
    ].mapValues { $0.map { ($0, $0 == "smallest") } }

    private static let services = """
        apiVersion: openslo/v1
        kind: Service
        metadata: {name: checkout}
        spec: {description: A shop's checkout}
        ---
        apiVersion: openslo/v1
        kind: Service
        metadata: {name: platform}
        spec: {description: The estate below the shop}

        """

    /// Bad and total, from metrics.
    private static func availability(_ zone: String) -> String {
        let dimensions = "{LoadBalancer: app/checkout/50dc6c495c0c9188, AvailabilityZone: \(zone)}"
        return """
            ---
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: checkout-\(zone)}
            spec:
              service: checkout
              indicator:
                metadata: {name: checkout-\(zone)}
                spec:
                  ratioMetric:
                    bad:
                      metricSource:
                        type: Metric
                        spec: {namespace: AWS/ApplicationELB, metricName: HTTPCode_Target_5XX_Count, dimensions: \(dimensions)}
                    total:
                      metricSource:
                        type: Metric
                        spec: {namespace: AWS/ApplicationELB, metricName: RequestCount, dimensions: \(dimensions)}
              timeWindow: [{duration: 30d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.999}]

            """
    }

    /// A threshold, by time slices.
    private static let latency = """
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: checkout-latency}
        spec:
          service: checkout
          indicator:
            metadata: {name: checkout-latency}
            spec:
              thresholdMetric:
                metricSource:
                  type: Metric
                  spec:
                    namespace: AWS/ApplicationELB
                    metricName: TargetResponseTime
                    dimensions: {LoadBalancer: app/checkout/50dc6c495c0c9188}
                    statistic: p99
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Timeslices
          objectives: [{op: lte, value: 0.5, target: 0.99, timeSliceTarget: 1.0, timeSliceWindow: 1m}]

        """

    /// Good and total, and the same by bad and total.
    private static let calls = ["good", "bad"].map { side in
        """
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: api-\(side == "good" ? "success" : "errors")}
        spec:
          service: platform
          indicator:
            metadata: {name: api-\(side)}
            spec:
              ratioMetric:
                \(side):
                  metricSource:
                    type: CloudTrail
                    spec: {filter: 'event.eventType == "AwsApiCall" && \(side == "good" ? "!" : "")has(event.errorCode)'}
                total:
                  metricSource:
                    type: CloudTrail
                    spec: {filter: 'event.eventType == "AwsApiCall"'}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.98}]

        """
    }.joined()

    /// Records, and a measure.
    private static let flows = """
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: ingress-accepted}
        spec:
          service: platform
          indicator:
            metadata: {name: ingress-accepted}
            spec:
              ratioMetric:
                good:
                  metricSource:
                    type: VPCFlow
                    spec: {filter: 'event.dstport == 443 && event.action == "ACCEPT"'}
                total:
                  metricSource:
                    type: VPCFlow
                    spec: {filter: event.dstport == 443}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: accepted-bytes}
        spec:
          service: platform
          indicator:
            metadata: {name: accepted-bytes}
            spec:
              ratioMetric:
                good:
                  metricSource:
                    type: VPCFlow
                    spec: {filter: event.action == "ACCEPT", measure: bytes}
                total:
                  metricSource:
                    type: VPCFlow
                    spec: {filter: event.log_status == "OK", measure: bytes}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: RatioTimeslices
          objectives: [{target: 0.99, timeSliceWindow: 5m}]

        """

    /// Each group of the ones above: of the one more than are kept apart, of the other all.
    static let grouped = [
        group(
            "calls-by-source", part: "bad", of: "CloudTrail", by: "eventSource", groupsMax: 2,
            #"'event.eventType == "AwsApiCall" && has(event.errorCode)'"#, total: #"'event.eventType == "AwsApiCall"'"#),
        group(
            "bytes-by-interface", part: "good", of: "VPCFlow", by: "interface_id", groupsMax: 1000,
            #"event.action == "ACCEPT", measure: bytes"#, total: #"event.log_status == "OK", measure: bytes"#),
    ].joined()

    private static func group(
        _ name: String, part: String, of type: String, by field: String, groupsMax: Int, _ filter: String, total: String
    ) -> String {
        """
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name)}
        spec:
          service: platform
          indicator:
            metadata: {name: \(name)}
            spec:
              ratioMetric:
                \(part):
                  metricSource:
                    type: \(type)
                    spec: {filter: \(filter), groupBy: [\(field)], groupsMax: \(groupsMax)}
                total:
                  metricSource:
                    type: \(type)
                    spec: {filter: \(total), groupBy: [\(field)]}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.9}]

        """
    }

    private static let rollups = """
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: flows-by-interface}
        spec:
          source: VPCFlow
          window: 1m
          filter: event.log_status == "OK"
          groupBy: [interface_id]
          measures:
            - {name: flows, count: true}
            - {name: rejected, count: true, filter: 'event.action == "REJECT"'}
            - {name: volume, sum: bytes}
            - {name: smallest, min: bytes}
            - {name: largest, max: bytes}
            - {name: ports, distinct: dstport}
            - {name: p95, quantile: {of: bytes, q: 0.95}}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: calls-by-service}
        spec:
          source: CloudTrail
          window: 5m
          groupBy: [eventSource]
          measures:
            - {name: calls, count: true}
            - {name: errors, count: true, filter: has(event.errorCode)}
            - {name: callers, distinct: userIdentity.arn, exact: true}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: console-sign-ins}
        spec:
          source: CloudTrail
          window: 1m
          filter: event.eventName == "ConsoleLogin"
          groupBy: [recipientAccountId]
          measures:
            - {name: attempts, count: true}
            - {name: failed, count: true, filter: 'event.responseElements.ConsoleLogin == "Failure"'}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: data-by-metric}
        spec:
          source: Metric
          window: 1m
          groupBy: [metric_name]
          measures:
            - {name: data, count: true}

        """

    private static let monitors = """
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: port-scan}
        spec:
          rollup: flows-by-interface
          value: ports
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 10}}
          alert: {severity: error, direction: up, summary: 'Port scan against {interface_id}: {ports} ports'}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: failed-sign-ins}
        spec:
          rollup: console-sign-ins
          value: failed
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 10}}
          alert: {severity: warning, direction: up, summary: '{failed} of {attempts} sign-ins to {recipientAccountId} failed'}

        """
}
