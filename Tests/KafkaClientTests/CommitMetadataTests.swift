import Synchronization
import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct CommitMetadataTests {
    /// Asks for what was committed while the partitions are being assigned, and starts there.
    final class Resuming: KafkaConsumerDelegate {
        let consumer = Mutex<KafkaConsumer?>(nil)
        let found = Mutex<[OffsetAndMetadata?]>([])
        let error = Mutex<KafkaError?>(nil)

        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
            guard let consumer = consumer.withLock({ $0 }) else { return [] }
            do throws(KafkaError) {
                let committed = try consumer.committedWithMetadata(partitions, timeout: patience)
                found.withLock { $0 = committed }
                // A commit is possible from here too.
                try consumer.commit(
                    [OffsetAndMetadata(PartitionOffset(partitions[0], offset: 12), metadata: "from inside")],
                    timeout: patience)
            } catch {
                self.error.withLock { $0 = error }
            }
            return partitions.map { PartitionAssignment($0, start: .beginning, worker: 0) }
        }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    @Test(.timeLimit(.minutes(5)))
    func theTextOfACommitComesBackWithItsOffset() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3])
            let partitions = (0..<3).map { TopicPartition(topic: "t", partition: $0) }
            let first = try Member(broker.settings, group: "g", topics: ["t"], commitsOnRevoke: false)
            #expect(first.wait { $0.assigned.count == 3 })
            let text = String(repeating: "é x", count: 1_000)
            let commits = [
                OffsetAndMetadata(PartitionOffset(partitions[0], offset: 5), metadata: text),
                OffsetAndMetadata(PartitionOffset(partitions[1], offset: 6), metadata: ""),
            ]
            try first.consumer.commit(commits, timeout: patience)
            let found = try first.consumer.committedWithMetadata(partitions, timeout: patience)
            #expect(found == [commits[0], commits[1], nil])
            try first.consumer.commit(
                [OffsetAndMetadata(PartitionOffset(partitions[2], offset: 9), metadata: "later")], timeout: patience)
            // A commit without a text takes the text away, and the offset alone is as before.
            try first.consumer.commit([PartitionOffset(partitions[0], offset: 7)], timeout: patience)
            #expect(try first.consumer.committed(partitions, timeout: patience) == [7, 6, 9])
            first.stop()

            let delegate = Resuming()
            var settings = broker.settings
            settings.options = Member.fast
            let second = try KafkaConsumer(settings: settings, options: .init(group: "g"), delegate: delegate)
            delegate.consumer.withLock { $0 = second }
            try second.subscribe(to: ["t"])
            let deadline = ContinuousClock.now + patience
            while second.assignment.isEmpty, ContinuousClock.now < deadline {
                _ = second.poll(timeout: .milliseconds(20))
            }
            #expect(delegate.error.withLock { $0 } == nil)
            #expect(delegate.found.withLock { $0.map { $0?.metadata } } == ["", "", "later"])
            #expect(delegate.found.withLock { $0.map { $0?.position.offset } } == [7, 6, 9])
            let after = try second.committedWithMetadata([partitions[0]], timeout: patience)
            #expect(after == [OffsetAndMetadata(PartitionOffset(partitions[0], offset: 12), metadata: "from inside")])
            try second.close()
            delegate.consumer.withLock { $0 = nil }
        }
    }
}
