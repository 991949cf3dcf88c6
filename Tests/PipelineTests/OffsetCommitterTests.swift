import Accounting
import KafkaClient
import Testing

@testable import Consumer

@Suite struct OffsetCommitterTests {
    private func commit(_ partition: Int32, _ offset: Int64, epoch: Int64) -> CommitGate.Commit {
        CommitGate.Commit(
            offset: OffsetAndMetadata(
                PartitionOffset(TopicPartition(topic: "t", partition: partition), offset: offset), metadata: ""),
            epoch: OwnerEpoch(rawValue: epoch))
    }

    @Test func ofWhatWaitedTheNewestOfEachPartitionIsCommitted() {
        let newest = OffsetCommitter.newest([
            commit(1, 10, epoch: 4), commit(0, 5, epoch: 4), commit(1, 20, epoch: 4), commit(0, 0, epoch: 6),
            commit(0, 7, epoch: 4),
        ])
        #expect(newest.map(\.offset.position.offset) == [0, 20])
        #expect(newest.map(\.epoch.rawValue) == [6, 4])
    }

    @Test func failuresAreWorthALineOnceTheyLastAndThenOneAMinute() {
        var failing = FailingCommits()
        let start = ContinuousClock.now
        let lines = (0..<60).filter { failing.isWorthALine(at: start + .seconds($0 * 3)) }
        #expect(lines == [10, 30, 50])
    }
}
