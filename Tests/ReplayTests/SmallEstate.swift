import Foundation
import Planning
import Settings
import TelemetryModel
import Testing

/// An hour of a small estate: ten calls of an API a minute, which fail for ten minutes, and flows of three sources, of which
/// one has a burst. All that is expected of a replay can be told from its lists.
enum SmallEstate {
    struct Call {
        let second: Int
        let isBad: Bool
        var eventID: String { "e-\(second)" }

        var json: String {
            #"{"eventVersion":"1.08","eventTime":"\#(at(second))","eventSource":"s3.amazonaws.com","#
                + #""eventName":"GetObject","awsRegion":"eu-central-1","eventType":"AwsApiCall","eventID":"\#(eventID)","#
                + #""userIdentity":{"type":"Root","arn":"arn:aws:iam::123456789012:root"}"#
                + (isBad ? #","errorCode":"AccessDenied"}"# : "}")
        }
    }

    struct Flow: Hashable {
        let second: Int
        let source: String
        let port: Int
        let bytes: Int

        var line: String {
            let time = start + second
            return "2 123456789012 eni-0a \(source) 10.0.0.9 49152 \(port) 6 1 \(bytes) \(time) \(time) ACCEPT OK"
        }
    }

    /// 2026-01-15T09:00:00Z.
    static let start = 1_768_467_600
    static let minutes = 60

    static let calls: [Call] = (0..<minutes).flatMap { minute in
        (0..<10).map { Call(second: 60 * minute + $0, isBad: (30..<40).contains(minute)) }
    }

    /// In minute 45 the first source has many.
    static let burst = 45
    static let flows: [Flow] = {
        var flows: [Flow] = []
        for minute in 0..<minutes {
            for source in 0..<3 {
                let usual = 2 + 3 * source + (minute + source) % 2
                for number in 0..<(source == 0 && minute == burst ? 80 : usual) {
                    flows.append(
                        Flow(
                            second: 60 * minute + number % 60, source: "10.0.0.\(source + 1)",
                            port: 1_000 + (number * 7 + minute) % 5, bytes: 40 + 13 * number + minute))
                }
            }
        }
        return flows
    }()

    static func at(_ second: Int) -> Timestamp { Timestamp(nanoseconds: Int64(start + second) * 1_000_000_000) }

    static let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: api}
        spec:
          service: shop
          indicator:
            metadata: {name: api}
            spec:
              ratioMetric:
                good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}
                total: {metricSource: {type: CloudTrail, spec: {filter: event.eventSource == "s3.amazonaws.com"}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: flows}
        spec:
          source: VPCFlow
          window: 1m
          groupBy: [srcaddr]
          measures:
            - {name: flows, count: true}
            - {name: volume, sum: bytes}
            - {name: largest, max: bytes}
            - {name: ports, distinct: dstport, exact: true}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: busy}
        spec:
          rollup: flows
          value: flows
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 10}}
          alert: {severity: warning, summary: "{flows} flows of {srcaddr}", direction: up}
        """

    /// What the rollup's file holds of these flows.
    static func rollup(of flows: [Flow]) -> String {
        var text = "window_start,srcaddr,flows,volume,largest,ports\n"
        let minutes = Dictionary(grouping: flows) { $0.second / 60 }
        for (minute, flows) in minutes.sorted(by: { $0.key < $1.key }) {
            for (source, own) in Dictionary(grouping: flows, by: \.source).sorted(by: { $0.key < $1.key }) {
                let cells = [
                    own.count, own.map(\.bytes).reduce(0, +), own.map(\.bytes).max() ?? 0, Set(own.map(\.port)).count,
                ]
                text += "\(start + 60 * minute),\(source),\(cells.map(String.init).joined(separator: ","))\n"
            }
        }
        return text
    }

    static func plan(
        _ resources: String = resources, outputs: Set<OutputKind> = Set(OutputKind.allCases),
        removesDuplicates: Bool = true
    ) throws -> PipelinePlan {
        let loaded = ResourceLoader.load(text: resources, file: "r.yaml")
        try #require(loaded.problems.isEmpty, "\(loaded.problems)")
        return try PipelinePlan(
            resources: loaded.resources, outputs: outputs, removesDuplicates: removesDuplicates)
    }
}
