import Accounting
import KafkaClient
import Logging
import Testing

@testable import Consumer
@testable import Observability

@Suite struct SourceGapReportTests {
    private static let partition = TopicPartition(topic: "cloudtrail", partition: 3)

    /// What a takeover says where the shards' chains end at `through` and the broker has `low..<high`.
    private func reports(
        through: [SourcePoint?], low: Int64, high: Int64, isForeign: Bool = false
    ) -> [SourceGapReport] {
        let chains = through.map { SourceChainState(epoch: OwnerEpoch(rawValue: 1), began: nil, through: $0) }
        let resumption = PartitionOwner.resume(
            source: SourcePartition(Self.partition), epoch: OwnerEpoch(rawValue: 2), chains: chains,
            available: PartitionOwner.Available(low: low, high: high, isForeign: isForeign), start: 0)
        return SourceGapReport.reports(of: resumption.openings, Self.partition)
    }

    @Test func recordsThatWereLostAreReportedOnceAndNotForEachShard() {
        let point = SourcePoint(offset: 100)
        let found = reports(through: Array(repeating: point, count: 12), low: 700, high: 900)
        #expect(
            found == [
                SourceGapReport(partition: Self.partition, cause: .expired, from: point, to: SourcePoint(offset: 700))
            ])
        let metrics = MetricsRegistry()
        for report in found { report.send(to: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics) }
        #expect(metrics.value(.sourceGapRecords, [("topic", "cloudtrail")]) == 600)
        #expect(metrics.value(.sourceGaps, [("topic", "cloudtrail"), ("cause", "expired")]) == 1)
    }

    @Test func shardsThatStandApartHaveOneGapFromTheFirstOfThem() {
        let points: [SourcePoint?] = [100, 110, 100, 750].map { SourcePoint(offset: $0) }
        let found = reports(through: points, low: 700, high: 900)
        #expect(found.map(\.from) == [SourcePoint(offset: 100)])
        #expect(found.map(\.to) == [SourcePoint(offset: 700)])
    }

    @Test func aTopicMadeAnewIsReportedOnce() {
        let found = reports(through: Array(repeating: SourcePoint(offset: 100), count: 4), low: 0, high: 7)
        #expect(found.map(\.cause) == [.recreated])
        #expect(found.map(\.to) == [SourcePoint(incarnation: 1, offset: 0)])
    }

    @Test func whatIsThereIsNoGap() {
        #expect(reports(through: Array(repeating: SourcePoint(offset: 100), count: 4), low: 0, high: 900).isEmpty)
        #expect(reports(through: Array(repeating: nil, count: 4), low: 50, high: 900).isEmpty)
    }
}
