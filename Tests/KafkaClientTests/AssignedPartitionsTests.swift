import Testing

@testable import KafkaClient

/// What a worker takes of what librdkafka hands it.
@Suite struct AssignedPartitionsTests {
    private let partition = TopicPartition(topic: "t", partition: 1)

    @Test func aPartitionThatIsRestartedIsPausedAsItWas() {
        var assigned = AssignedPartitions()
        assigned.add(partition, next: 40)
        #expect(assigned.mark([partition], paused: true) == [partition])
        assigned.move(partition, next: 3)
        #expect(assigned.positions.map(\.next) == [3])
        // librdkafka keeps the pause over assignments: who resumes it has to get through to there.
        #expect(assigned.mark([partition], paused: true) == [])
        #expect(assigned.mark([partition], paused: false) == [partition])
    }

    @Test func oneThatIsNotHereIsNotMoved() {
        var assigned = AssignedPartitions()
        assigned.move(partition, next: 3)
        #expect(assigned.positions.isEmpty)
    }

    @Test func aNewAssignmentIsNotPaused() {
        var assigned = AssignedPartitions()
        assigned.add(partition, next: 40)
        _ = assigned.mark([partition], paused: true)
        #expect(assigned.remove(partition)?.wasPaused == true)
        assigned.add(partition, next: nil)
        #expect(assigned.mark([partition], paused: true) == [partition])
    }
}
