import Aggregation
import Alerting
import KafkaClient
import Statistics
import Sinks
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Records
@testable import Runtime
@testable import Signals

/// A group of as many columns as a rollup may have, each as long as a value is kept, of bytes that JSON writes as six: it fits
/// into every record that tells of it.
@Suite struct LargestGroupTests {
    private static let columns = (0..<RollupDefinition.groupColumnsMax).map { "requestParameters.c\($0)" }
    private static let value = String(repeating: "\u{1}", count: 1024)
    private static let group: [String?] = Array(repeating: value, count: columns.count)
    private static let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private static func bytes(key: [UInt8], headers: [KafkaHeader], value: [UInt8]) -> Int {
        headers.reduce(key.count + value.count) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    @Test func aMonitorsCheckpointFits() throws {
        let learnt = Detector.State.ewma(try #require(EWMA(count: .max, mean: -.pi * 1e300, variance: .pi * 1e-300)))
        let series = DetectedSeries(
            usual: learnt, deviation: DetectedSeries.Deviation(state: learnt, values: .max, settled: .max))
        let record = MonitorRecord(
            monitor: String(repeating: "m", count: 63),
            state: AnomalySeriesState(
                group: Self.group, course: .init(series: series, lastWindow: Self.time, openedAt: Self.time)),
            grouping: .init(rollup: String(repeating: "r", count: 63), columns: Self.columns))
        let headers = CloudEventHeaders.make(type: CloudEventHeaders.checkpoint, id: record.key, time: nil)
        #expect(
            Self.bytes(key: Array(record.key.utf8), headers: headers, value: record.json) < OutputTopics.valueBytesMax)
    }

    @Test func anAlertFitsIntoTheFeedAndIntoAnEventOfPagerDuty() throws {
        let transition = AnomalyAlertTransition(
            change: .opened, cause: .unusual, monitor: "m", severity: "warning", direction: .both,
            group: zip(Self.columns, Self.group).map { .init(name: $0, value: $1) }, window: Self.time,
            openedAt: Self.time, value: 1, judgement: Judgement(expected: 1, low: 0, high: 2, score: 0.3),
            summary: Self.group.compactMap(\.self).joined())
        var alert = AlertTransition(anomaly: transition, windowNanoseconds: 60_000_000_000)
        let texts = ["a": String(repeating: "\u{1}", count: ResourceDescription.bytesMax - 1)]
        alert.alert.describe(
            ResourceDescription(description: String(repeating: "\u{1}", count: 1050), annotations: texts))
        let headers = CloudEventHeaders.make(
            type: CloudEventHeaders.alert, id: "\(alert.alert.dedupKey)/\(alert.alert.time)", time: alert.alert.time)
        let key = Array(alert.alert.dedupKey.text.utf8)
        #expect(Self.bytes(key: key, headers: headers, value: alert.json) < OutputTopics.valueBytesMax)
        #expect(try AlertTransition(json: alert.json) == alert)
        let routingKey = try #require(PagerDutyRoutingKey(String(repeating: "k", count: 32)))
        #expect(
            PagerDutyEvent.body(for: InertTransition(alert), routingKey: routingKey).count
                <= PagerDutyEvent.bodyBytesMax)
    }

    /// Cells can be shared out, but none of them is divided in its group.
    @Test func aCellIsAtMostAQuarterOfARecord() {
        let cell = RollupChange(windowStart: Self.time, group: Self.group, measures: [.count(1)])
        #expect(cell.jsonByteCount < OutputTopics.valueBytesMax / 4)
        let values = (0..<2_000).map { number in
            Array((String(repeating: "\u{1}", count: 1000) + String(10_000 + number)).utf8)
        }
        let sets = RollupChange(windowStart: Self.time, group: Self.group, measures: [.distinct(.exact(values))])
        let pieces = sets.pieces(bytesMax: OutputTopics.valueBytesMax / 4)
        #expect(pieces.count > 10)
        #expect(pieces.allSatisfy { $0.jsonByteCount < OutputTopics.valueBytesMax / 2 })
    }
}
