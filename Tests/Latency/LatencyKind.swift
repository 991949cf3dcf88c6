import TelemetryModel

/// What alerts are about: how an SLO over it is declared, and what its records look like.
enum LatencyKind: String, CaseIterable {
    case cloudTrail = "cloudtrail"
    case metrics

    /// Also the input's topic.
    var topic: String { rawValue }
    var format: String { self == .cloudTrail ? "cloudtrail" : "metric-stream-json" }

    /// How many slices after its own an SLO's is judged: CloudTrail's good and total come from the same records, and are judged when the slice
    /// is over; those of two metrics wait for the three minutes that a metric stream may take.
    var slicesUntilJudged: Int { self == .cloudTrail ? 0 : 3 }

    func name(_ number: Int) -> String { "\(rawValue)-\(number)" }

    func objective(_ number: Int) -> String {
        let indicator =
            switch self {
            case .cloudTrail:
                """
                        good: {metricSource: {type: CloudTrail, spec: {filter: 'event.recipientAccountId == "\(account(number))" && !has(event.errorCode)'}}}
                        total: {metricSource: {type: CloudTrail, spec: {filter: 'event.recipientAccountId == "\(account(number))"'}}}
                """
            case .metrics:
                ["bad", "total"].map { side in
                    """
                            \(side): {metricSource: {type: Metric, spec: {namespace: Shop, metricName: \(Self.metric(side)), dimensions: {Service: "\(number)"}}}}
                    """
                }.joined(separator: "\n")
            }
        return """
            ---
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: \(name(number))}
            spec:
              service: shop
              indicator:
                metadata: {name: \(name(number))}
                spec:
                  ratioMetric:
            \(indicator)
              timeWindow: [{duration: 30d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.999}]

            """
    }

    /// Fifty failures of one SLO's service: enough to be believed.
    func failures(of number: Int, at time: Timestamp, id: Int) -> [UInt8] {
        switch self {
        case .cloudTrail:
            let records = (0..<50).map { call(account(number), failed: true, at: time, id: "\(id)-\($0)") }
            return Array("{\"Records\":[\(records.joined(separator: ","))]}".utf8)
        case .metrics:
            return Array(
                ["bad", "total"].map { datum(Self.metric($0), "\(number)", 50, at: time) }.joined(separator: "\n").utf8)
        }
    }

    func success(of number: Int, at time: Timestamp, id: Int) -> [UInt8] {
        switch self {
        case .cloudTrail: Array(call(account(number), failed: false, at: time, id: "\(id)").utf8)
        case .metrics: Array(datum(Self.metric("total"), "\(number)", 1, at: time).utf8)
        }
    }

    /// A record that no SLO asks for.
    func other(at time: Timestamp, id: Int) -> [UInt8] {
        switch self {
        case .cloudTrail: Array(call("999999999999", failed: false, at: time, id: "\(id)").utf8)
        case .metrics: Array(datum("Requests", "other", 1, at: time).utf8)
        }
    }

    private func account(_ number: Int) -> String { "\(100_000_000_000 + number)" }

    private static func metric(_ side: String) -> String { side == "bad" ? "Failures" : "Requests" }

    private func call(_ account: String, failed: Bool, at time: Timestamp, id: String) -> String {
        #"{"eventVersion":"1.09","userIdentity":{"type":"AWSService","invokedBy":"shop"},"eventTime":"\#(time)","#
            + #""eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-central-1","#
            + #""sourceIPAddress":"10.0.0.1","#
            + (failed ? #""errorCode":"SlowDown","errorMessage":"Reduce your request rate","# : "")
            + #""eventID":"\#(id)","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"\#(account)","#
            + #""eventCategory":"Management"}"#
    }

    private func datum(_ metric: String, _ service: String, _ count: Int, at time: Timestamp) -> String {
        #"{"metric_stream_name":"shop","account_id":"100000000000","region":"eu-central-1","namespace":"Shop","#
            + #""metric_name":"\#(metric)","dimensions":{"Service":"\#(service)"},"#
            + #""timestamp":\#(time.nanoseconds / 1_000_000),"value":{"max":1.0,"min":1.0,"sum":\#(count).0,"count":\#(count).0},"#
            + #""unit":"Count"}"#
    }
}
