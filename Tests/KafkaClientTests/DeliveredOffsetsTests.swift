import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct DeliveredOffsetsTests {
    @Test(.timeLimit(.minutes(5)))
    func theLastOffsetOfATrackedTopicIsKnownWhenItIsDelivered() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3, "tt": 1])
            let producer = try KafkaProducer(settings: broker.settings)
            producer.track("t")
            producer.track("t")
            let partitions = (0..<3).map { TopicPartition(topic: "t", partition: $0) }
            #expect(producer.lastDelivered(partitions[0]) == nil)
            try producer.send(topic: "tt", partition: 0, key: nil, value: [1])
            for count in 1...5 {
                try produce(20, to: "t", partitions: 2, with: producer)
                #expect(producer.flush(timeout: patience) == .delivered)
                #expect(
                    partitions.map { producer.lastDelivered($0) } == [
                        Int64(count * 10 - 1), Int64(count * 10 - 1), nil,
                    ])
            }
            #expect(producer.lastDelivered(TopicPartition(topic: "tt", partition: 0)) == nil)
            #expect(producer.lastDelivered(TopicPartition(topic: "t", partition: -1)) == nil)
        }
    }

    @Test func aMessageThatWasSentAfterAnAcknowledgedOneAndDoesNotLieBehindItSetsItsTopicBack() {
        var offsets = DeliveredOffsets()
        offsets.track("t", tellsTime: false)
        offsets.record(0, 1, 40, 7, 9)
        // Sent before that was acknowledged: its report was taken by a slower thread.
        offsets.record(0, 1, 39, 6, 10)
        offsets.record(0, 1, 38, 9, 10)
        // Another partition, and a retry of which no offset is known.
        offsets.record(0, 0, 3, 10, 11)
        offsets.record(0, 1, -1, 11, 11)
        let before = offsets.takeSetBack()
        #expect(before.isEmpty)
        offsets.record(0, 1, 40, 10, 12)
        let setBack = [offsets.takeSetBack(), offsets.takeSetBack()]
        #expect(setBack == [["t"], []])
        #expect(offsets.last(TopicPartition(topic: "t", partition: 1)) == 40)
    }

    @Test(.timeLimit(.minutes(5)))
    func countingPartitionsCreatesNoTopic() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3])
            let producer = try KafkaProducer(settings: broker.settings)
            #expect(try producer.partitionCount(of: "t", timeout: patience) == 3)
            for _ in 0..<2 { #expect(try producer.partitionCount(of: "absent", timeout: patience) == nil) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aTopicThatTheBrokerCreatesIsWaitedFor() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3])
            let producer = try KafkaProducer(settings: broker.settings)
            #expect(try producer.partitionCount(creating: "t", timeout: patience) == 3)
            let count = try producer.partitionCount(creating: "new", timeout: patience)
            #expect(count > 0)
            #expect(try producer.partitionCount(of: "new", timeout: patience) == count)
        }
    }
}
