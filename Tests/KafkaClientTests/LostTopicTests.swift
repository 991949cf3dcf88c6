import TestSupport
import Testing

@testable import KafkaClient

/// A topic that is deleted while clients use it.
@Suite struct LostTopicTests {
    /// librdkafka 2.0.2 may wait for ever for a thread of a broker that had a partition which is gone.
    @Test(.timeLimit(.minutes(2))) func aMemberWhoseTopicIsDeletedCanBeDestroyed() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["own": 4])
            let producer = try KafkaProducer(settings: broker.settings)
            for index in 0..<40 {
                try producer.send(topic: "own", partition: Int32(index % 4), key: nil, value: Array("\(index)".utf8))
            }
            #expect(producer.flush(timeout: patience) == .delivered)
            let began: ContinuousClock.Instant
            do {
                let member = try Member(broker.settings, group: "g", topics: ["own"], driver: .test)
                #expect(
                    eventually {
                        _ = member.consumer.poll(timeout: .milliseconds(50))
                        return member.consumer.assignment.count == 4
                    })
                letPass(.seconds(1))
                broker.setTopicError("own", .unknownTopicOrPartition)
                #expect(
                    eventually {
                        _ = member.consumer.poll(timeout: .milliseconds(50))
                        return member.consumer.assignment.isEmpty
                    })
                letPass(.seconds(1))
                began = .now
                try member.consumer.close()
            }
            #expect(began.duration(to: .now) < .seconds(20))
        }
    }
}
