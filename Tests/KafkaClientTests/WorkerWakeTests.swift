import TestSupport
import Testing

@testable import KafkaClient

@Suite struct WorkerWakeTests {
    private final class Nobody: KafkaConsumerDelegate {
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    /// Whoever has something for a thread that waits for messages need not wait until none have come.
    @Test func aWakeEndsAPollThatWaits() async throws {
        let consumer = try KafkaConsumer(
            settings: KafkaSettings(bootstrapServers: ["127.0.0.1:1"]), options: .init(group: "g"), delegate: Nobody())
        let worker = consumer.worker(0)
        try await onOwnThread {
            let began = ContinuousClock.now
            for _ in 0..<3 {
                worker.wake()
                let isEmpty = worker.poll(timeout: .seconds(20)).isEmpty
                #expect(isEmpty)
            }
            #expect(began.duration(to: .now) < .seconds(20))
        }
    }
}
