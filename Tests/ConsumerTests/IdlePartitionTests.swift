import Accounting
import KafkaClient
import Records
import TelemetryModel
import TestSupport
import Testing

@testable import Consumer

/// A partition is idle where its leader says that there is no more, and not where nobody answers.
@Suite(.serialized) struct IdlePartitionTests {
    @Test(.timeLimit(.minutes(5))) func aPartitionWhoseLeaderIsAwayIsNotIdle() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 60, failing: 5)
            let pipeline = try cluster.run()
            #expect(pipeline.isClosed())
            let partition = TopicPartition(topic: CallsCluster.input, partition: 1)
            try cluster.broker.setLeader(of: partition, to: nil)
            let away = Timestamp.now()
            /// Long enough for some marks, and for the question that was on its way.
            let later = away.advanced(by: 3 * Timestamp.nanosecondsPerSecond)
            func isIdle(_ partition: Int32) throws -> Bool {
                try eventually(while: { pipeline.isRunning }) {
                    try cluster.idleMarks()[partition].map { $0 > later } ?? false
                }
            }
            #expect(try isIdle(0), "a partition whose leader answers is")
            let mark = try #require(try cluster.idleMarks()[1])
            #expect(mark <= away, "\(mark)")
            try cluster.broker.setLeader(of: partition, to: 1)
            #expect(try isIdle(1))
            #expect(pipeline.stop() == nil)
        }
    }
}

extension CallsCluster {
    /// By partition: the newest time up to which it was called idle.
    fileprivate func idleMarks() throws -> [Int32: Timestamp] {
        let reader = try KafkaTopicReader(
            settings: broker.settings, topics: [Self.topics.registers], timeout: patience)
        var marks: [Int32: Timestamp] = [:]
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(50)) { _, message in
                guard case .update(let update) = try? ShardEntry<ChangelogAmounts>(json: Array(copying: message.value)),
                    let mark = update.progress.idleThrough
                else { return }
                marks[update.source.partition] = max(marks[update.source.partition] ?? mark, mark)
            }
        }
        return marks
    }
}
