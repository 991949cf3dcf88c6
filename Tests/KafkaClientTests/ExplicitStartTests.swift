import Foundation
import Synchronization
import TestSupport
import Testing

@testable import KafkaClient

/// A member whose delegate says where each partition starts, as one does that keeps positions elsewhere than in the group.
@Suite(.serialized)
struct ExplicitStartTests {
    /// Starts each partition where its table says; the table moves with what was taken.
    final class Positions: KafkaConsumerDelegate {
        let next = Mutex<[TopicPartition: Int64]>([:])
        let assignments = Mutex<[[TopicPartition]]>([])

        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
            assignments.withLock { $0.append(partitions) }
            return partitions.map { partition in
                PartitionAssignment(partition, start: .offset(next.withLock { $0[partition] ?? 0 }), worker: 0)
            }
        }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    private final class Reader {
        let positions = Positions()
        let consumer: KafkaConsumer
        var taken: [TopicPartition: [Int64]] = [:]
        var lost: [(TopicPartition, KafkaError)] = []

        init(_ broker: EmbeddedBroker) throws {
            var settings = broker.settings
            settings.options = Member.fast
            consumer = try KafkaConsumer(settings: settings, options: .init(group: "g"), delegate: positions)
            try consumer.subscribe(to: ["t"])
        }

        func read(_ seconds: Double = 30, until done: (Reader) -> Bool) -> Bool {
            let deadline = Date(timeIntervalSinceNow: seconds)
            while !done(self), Date() < deadline {
                _ = consumer.poll(timeout: .zero)
                let batch = consumer.worker(0).poll(timeout: .milliseconds(20))
                for index in 0..<batch.count {
                    let partition = batch.sources[batch[index].source]
                    taken[partition, default: []].append(batch[index].offset)
                    let offset = batch[index].offset
                    positions.next.withLock { $0[partition] = offset + 1 }
                }
                for case .positionLost(let partition, let error) in batch.events { lost.append((partition, error)) }
            }
            return done(self)
        }
    }

    private let partitions = (0..<2).map { TopicPartition(topic: "t", partition: $0) }

    @Test(.timeLimit(.minutes(5)))
    func aPartitionThatComesBackGoesOnWhereTheDelegateSays() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(200, to: "t", partitions: 2, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            let reader = try Reader(broker)
            reader.positions.next.withLock { $0 = [partitions[0]: 10, partitions[1]: 20] }
            #expect(reader.read { $0.taken[partitions[0]]?.last == 99 && $0.taken[partitions[1]]?.last == 99 })

            let other = try Member(broker.settings, group: "g", topics: ["t"], commitsOnRevoke: false, start: .end)
            #expect(reader.read { $0.consumer.assignment.count == 1 && other.snapshot.assigned.count == 1 })
            let moved = try #require(other.snapshot.assigned.first)
            // Where the end is, it asks after the assignment; only then may the topic grow.
            #expect(other.wait { $0.ends[moved] != nil })
            try produce(20, to: "t", partitions: 2, with: producer, from: 200)
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(other.wait { $0.taken.count == 10 })
            other.stop()
            // What the other one took in the meantime is read here again: the table alone counts.
            #expect(reader.read { reader in partitions.allSatisfy { reader.taken[$0]?.last == 109 } })
            #expect(reader.taken == [partitions[0]: Array(10..<110), partitions[1]: Array(20..<110)])
            #expect(reader.positions.assignments.withLock { $0 } == [partitions, [moved]])
            #expect(reader.lost.isEmpty)
            try reader.consumer.close()
        }
    }

    /// 9 MB of messages of 1 kB, of which the mock keeps 5 MiB, while the partition was elsewhere.
    @Test(.timeLimit(.minutes(5)))
    func aPositionThatIsGoneWhenThePartitionComesBackIsSaid() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            var settings = broker.settings
            settings.options = ["compression.codec": "none", "batch.size": "100000"]
            let producer = try KafkaProducer(settings: settings)
            try produce(20, to: "t", partitions: 2, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            let reader = try Reader(broker)
            #expect(reader.read { $0.taken[partitions[0]]?.last == 9 && $0.taken[partitions[1]]?.last == 9 })
            let other = try Member(broker.settings, group: "g", topics: ["t"], commitsOnRevoke: false, start: .end)
            #expect(reader.read { $0.consumer.assignment.count == 1 && other.snapshot.assigned.count == 1 })
            let moved = try #require(other.snapshot.assigned.first)
            for _ in 0..<9_000 {
                try producer.send(
                    topic: "t", partition: moved.partition, key: nil, value: [UInt8](repeating: 0x2E, count: 1_000))
            }
            #expect(producer.flush(timeout: patience) == .delivered)
            other.stop()
            #expect(reader.read { !$0.lost.isEmpty })
            #expect(reader.lost.map(\.0) == [moved] && reader.lost.first?.1.code == .offsetReset)
            #expect(reader.taken[moved] == Array(0..<10))
            let low = try reader.consumer.queryWatermarks(moved, timeout: patience).low
            try reader.consumer.restart([PartitionOffset(moved, offset: low)], timeout: patience)
            #expect(reader.read { $0.taken[moved]?.last == 9_009 })
            #expect(reader.taken[moved] == Array(0..<10) + Array(low..<9_010))
            try reader.consumer.close()
        }
    }
}
