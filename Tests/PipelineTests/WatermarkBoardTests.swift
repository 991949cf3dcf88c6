import KafkaClient
import Testing
import TelemetryModel

@testable import Pipeline

@Suite struct WatermarkBoardTests {
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }

    @Test func nothingIsClosedBeforeEveryPartitionWasHeardOf() {
        var board = WatermarkBoard()
        board.assign(first)
        board.assign(second)
        board.update(first, watermark: at(100), isIdle: false)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == nil)
    }

    @Test func slowestPartitionDecides() {
        var board = WatermarkBoard()
        board.update(first, watermark: at(100), isIdle: false)
        board.update(second, watermark: at(60), isIdle: false)
        #expect(board.closedBefore(latenessNanoseconds: 10_000_000_000, now: at(1000)) == at(50))
    }

    @Test func idlePartitionFollowsTheClockAndHoldsNobodyBack() {
        var board = WatermarkBoard()
        board.update(first, watermark: at(100), isIdle: false)
        board.update(second, watermark: nil, isIdle: true)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == at(100))
        board.update(first, watermark: at(100), isIdle: true)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == at(1000))
    }

    @Test func timeNeverGoesBackWhenAnOldPartitionJoins() {
        var board = WatermarkBoard()
        board.update(first, watermark: at(100), isIdle: false)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == at(100))
        board.assign(second)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == at(100))
        board.update(second, watermark: at(5), isIdle: false)
        #expect(board.closedBefore(latenessNanoseconds: 0, now: at(1000)) == at(100))
    }
}
