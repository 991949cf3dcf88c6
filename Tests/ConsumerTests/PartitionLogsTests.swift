import Accounting
import Testing

@testable import Consumer

@Suite struct PartitionLogsTests {
    private static let source = SourcePartition(topic: "cloudtrail", partition: 0)
    private static let other = SourcePartition(topic: "cloudtrail", partition: 1)

    @Test func aLogThatGrowsIsTheSame() {
        var logs = PartitionLogs()
        let doubts = [0, 7, 7, 9].map { logs.isDoubtful(Self.source, endingAt: $0) }
        #expect(doubts == [false, false, false, false])
    }

    @Test func aLogThatEndsBeforeWhereItDidMayBeAnotherAndIsSaidOnce() {
        var logs = PartitionLogs()
        let doubts = [(Self.source, 9), (Self.other, 3), (Self.source, 3), (Self.source, 3)].map {
            logs.isDoubtful($0, endingAt: $1)
        }
        #expect(doubts == [false, false, true, false])
    }

    @Test func aPartitionThatIsAwayMayComeBackWithAnotherLogAndIsSaidOnce() {
        var logs = PartitionLogs()
        _ = logs.isDoubtful(Self.source, endingAt: 9)
        let misses = [logs.miss(Self.source), logs.miss(Self.source)]
        #expect(misses == [true, false])
        let doubts = [4, 5, 3].map { logs.isDoubtful(Self.source, endingAt: $0) }
        #expect(doubts == [false, false, true])
        let isMissedAgain = logs.miss(Self.source)
        #expect(isMissedAgain)
    }
}
