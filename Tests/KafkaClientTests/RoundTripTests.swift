import Foundation
import Synchronization
import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct RoundTripTests {
    @Test(.timeLimit(.minutes(5)))
    func everyMessageComesOnceWithKeyHeadersAndTimestamp() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3])
            let producer = try KafkaProducer(settings: broker.settings)
            let headers = [
                KafkaHeader("ce_type", "x"), KafkaHeader(name: "null", value: nil),
                KafkaHeader(name: "empty", value: []),
                KafkaHeader("ce_type", "again"),
            ]
            for number in 0..<300 {
                let sequence = try producer.send(
                    topic: "t", partition: Int32(number % 3), key: Array("k\(number)".utf8),
                    value: Array("v\(number)".utf8),
                    headers: headers, timestampMilliseconds: 1_700_000_000_000 + Int64(number))
                #expect(sequence == UInt64(number + 1))
            }
            try producer.send(topic: "t", partition: 0, key: Array("gone".utf8), value: nil)
            try producer.send(topic: "t", partition: 1, key: nil, value: [])
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(producer.counters.delivered == 302)
            #expect(producer.resolvedThrough == 302)

            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            let worker = member.consumer.worker(0)
            var seen: [TopicPartition: [Int64]] = [:]
            var count = 0
            let deadline = Date(timeIntervalSinceNow: patienceSeconds)
            while count < 302, Date() < deadline {
                _ = member.consumer.poll(timeout: .milliseconds(10))
                let batch = worker.poll(max: 50, timeout: .milliseconds(50))
                #expect(batch.count <= 50)
                for index in 0..<batch.count {
                    let message = batch[index]
                    let source = batch.sources[message.source]
                    seen[source, default: []].append(message.offset)
                    count += 1
                    // A view cannot enter the macro, so what it says is copied out first.
                    let (hasKey, headersSeen) = (message.hasKey, message.headers)
                    let (timestamp, key, value) = (message.timestamp, bytes(message.key), bytes(message.value))
                    let at = Int(message.offset)
                    if at < 100 {
                        let number = at * 3 + Int(source.partition)
                        #expect(key == Array("k\(number)".utf8))
                        #expect(value == Array("v\(number)".utf8))
                        #expect(headersSeen == headers)
                        #expect(
                            timestamp
                                == MessageTimestamp(
                                    milliseconds: 1_700_000_000_000 + Int64(number)))
                    } else if source.partition == 0 {
                        #expect(value.isEmpty && hasKey && headersSeen.isEmpty)
                    } else {
                        #expect(value.isEmpty && !hasKey)
                    }
                }
            }
            #expect(seen[TopicPartition(topic: "t", partition: 0)] == Array(0..<101))
            #expect(seen[TopicPartition(topic: "t", partition: 1)] == Array(0..<101))
            #expect(seen[TopicPartition(topic: "t", partition: 2)] == Array(0..<100))
            #expect(worker.counters.messages == 302)
            try member.consumer.close()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func theEndOfAPartitionIsSaidAfterItsLastMessage() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(100, to: "t", partitions: 2, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .threads(workers: 2))
            #expect(member.wait { $0.ends.count == 2 })
            #expect(member.snapshot.taken.count == 100)
            #expect(Set(member.snapshot.ends.values) == [50])
            try produce(2, to: "t", partitions: 2, with: producer)
            #expect(member.wait { $0.ends.values.allSatisfy { $0 == 51 } })
            member.stop()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aGroupGoesOnFromItsCommittedOffsets() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(100, to: "t", partitions: 2, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            let zero = TopicPartition(topic: "t", partition: 0)
            let one = TopicPartition(topic: "t", partition: 1)
            let first = try Member(broker.settings, group: "g", topics: ["t"], commitsOnRevoke: false)
            #expect(first.wait { $0.taken.count == 100 })
            #expect(first.consumer.position(zero) == 50)
            #expect(first.consumer.assignment == [zero, one])
            let before = try first.consumer.committed([zero, one], timeout: patience)
            #expect(before == [nil, nil])
            try first.consumer.commit([PartitionOffset(zero, offset: 20)], timeout: patience)
            let after = try first.consumer.committed([one, zero], timeout: patience)
            #expect(after == [nil, 20])
            try first.consumer.commit([PartitionOffset(one, offset: 45)], timeout: patience)
            let marks = try first.consumer.queryWatermarks(one, timeout: patience)
            #expect(marks.low == 0 && marks.high == 50)
            first.stop()
            #expect(first.snapshot.revoked.map(\.next) == [50, 50])

            let second = try Member(broker.settings, group: "g", topics: ["t"])
            #expect(second.wait { $0.ends.count == 2 })
            #expect(second.snapshot.offsets == [zero: Array(20..<50), one: Array(45..<50)])
            second.stop()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func statisticsTellTheLag() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(40, to: "t", partitions: 1, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            var settings = broker.settings
            settings.options["statistics.interval.ms"] = "100"
            let box = StatisticsBox()
            let member = try Member(
                settings, group: "g", topics: ["t"],
                observer: KafkaObserver(statistics: { statistics in box.value.withLock { $0 = statistics } }))
            #expect(member.wait { $0.ends.count == 1 })
            try member.consumer.commit(
                [PartitionOffset(TopicPartition(topic: "t", partition: 0), offset: 30)], timeout: patience)
            #expect(member.wait { _ in box.value.withLock { $0?.partitions.first?.lag == 10 } })
            let partition = try #require(box.value.withLock { $0?.partitions.first })
            #expect(partition.highWatermark == 40)
            #expect(box.value.withLock { $0?.brokers.isEmpty } == false)
            #expect(box.value.withLock { $0?.rebalances ?? 0 } >= 1)
            member.stop()
        }
    }
}

final class StatisticsBox: Sendable {
    let value = Mutex<KafkaStatistics?>(nil)
}

func bytes(_ span: RawSpan) -> [UInt8] {
    (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
}
