import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct RangeReaderTests {
    /// What a reading handed over, to its end.
    struct Reading {
        var offsets: [TopicPartition: [Int64]] = [:]
        var events: [RangeEvent] = []

        init(_ reader: KafkaRangeReader, _ ranges: [PartitionRange], timeout: Duration = patience) throws {
            try reader.start(ranges, timeout: timeout)
            try finish(reader)
        }

        mutating func finish(_ reader: KafkaRangeReader) throws {
            // The last events are handed out by a poll of their own.
            repeat {
                events += try reader.poll(max: 7, timeout: .milliseconds(50)) { partition, message in
                    offsets[partition, default: []].append(message.offset)
                }
            } while !reader.isDone
            events += try reader.poll(timeout: .zero) { _, _ in }
        }
    }

    private let zero = TopicPartition(topic: "t", partition: 0)
    private let one = TopicPartition(topic: "t", partition: 1)

    private func broker(_ count: Int) throws -> EmbeddedBroker {
        let broker = try EmbeddedBroker(topics: ["t": 2])
        let producer = try KafkaProducer(settings: broker.settings)
        try produce(count, to: "t", partitions: 2, with: producer)
        #expect(producer.flush(timeout: patience) == .delivered)
        return broker
    }

    @Test(.timeLimit(.minutes(5)))
    func rangesAreReadExactlyAndOneReaderServesManyReadings() async throws {
        try await onOwnThread {
            let broker = try broker(200)
            let reader = try KafkaRangeReader(settings: broker.settings)
            let first = try Reading(
                reader, [PartitionRange(zero, from: .offset(10), upTo: 20), PartitionRange(one, from: .beginning)])
            #expect(first.offsets == [zero: Array(10..<20), one: Array(0..<100)])
            #expect(
                Set(first.events) == [
                    .done(PartitionOffset(zero, offset: 20)), .done(PartitionOffset(one, offset: 100)),
                ])
            #expect(first.events.count == 2)
            // The same partition again, from before, and one that has nothing to read.
            let second = try Reading(
                reader, [PartitionRange(zero, from: .offset(5), upTo: 8), PartitionRange(one, from: .end)])
            #expect(second.offsets == [zero: [5, 6, 7]])
            // Dropped in the middle for another.
            try reader.start([PartitionRange(zero, from: .beginning)], timeout: patience)
            _ = try reader.poll(max: 3, timeout: .seconds(5)) { _, _ in }
            #expect(!reader.isDone)
            let third = try Reading(reader, [PartitionRange(one, from: .offset(98))])
            #expect(third.offsets == [one: [98, 99]])
            #expect(third.events == [.done(PartitionOffset(one, offset: 100))])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aRangeBeyondTheEndWaitsForItsMessages() async throws {
        try await onOwnThread {
            let broker = try broker(20)
            let reader = try KafkaRangeReader(settings: broker.settings)
            try reader.start([PartitionRange(zero, from: .offset(8), upTo: 12)], timeout: patience)
            var seen: [Int64] = []
            var events: [RangeEvent] = []
            while events.isEmpty { events = try reader.poll(timeout: .milliseconds(50)) { seen.append($1.offset) } }
            #expect(events == [.waiting(PartitionOffset(zero, offset: 10))])
            #expect(seen == [8, 9])
            #expect(!reader.isDone)
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(10, to: "t", partitions: 2, with: producer)
            events = []
            while !reader.isDone { events += try reader.poll(timeout: .milliseconds(50)) { seen.append($1.offset) } }
            #expect(seen == [8, 9, 10, 11])
            #expect(events == [.done(PartitionOffset(zero, offset: 12))])
            _ = producer.close(timeout: patience)
        }
    }

    /// 9 MB of messages of 1 kB, of which the mock keeps 5 MiB.
    @Test(.timeLimit(.minutes(5)))
    func recordsThatRetentionTookAreSaidBeforeTheRestIsRead() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            var settings = broker.settings
            settings.options["compression.codec"] = "none"
            settings.options["batch.size"] = "100000"
            let producer = try KafkaProducer(settings: settings)
            try produce(9_000, to: "t", partitions: 1, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            let reader = try KafkaRangeReader(settings: broker.settings)
            try reader.start([PartitionRange(zero, from: .offset(17))], timeout: patience)
            var reading = Reading()
            let first = try reader.poll(timeout: .zero) { _, _ in Issue.record("a message before the event") }
            guard case .outOfRange(zero, wanted: 17, let low, high: 9_000) = first.first else {
                Issue.record("\(first)")
                return
            }
            try reading.finish(reader)
            #expect(low > 17)
            #expect(reading.offsets == [zero: Array(low..<9_000)])
            let beyond = try Reading(reader, [PartitionRange(zero, from: .offset(9_001))])
            #expect(beyond.events == [.outOfRange(zero, wanted: 9_001, low: low, high: 9_000)])

            // Retention that overtakes the reader: it was told of 0..<9,000, and the front goes while it waits.
            try reader.start([PartitionRange(zero, from: .offset(low), upTo: 18_000)], timeout: patience)
            try broker.takeDown()
            try broker.bringUp()
            try produce(9_000, to: "t", partitions: 1, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            var overtaken = Reading()
            try overtaken.finish(reader)
            let offsets = try #require(overtaken.offsets[zero])
            #expect(offsets.last == 17_999)
            // Whatever is missing was said.
            var said: Set<Int64> = []
            for case .outOfRange(zero, let wanted, let low, _) in overtaken.events { said.formUnion(wanted..<low) }
            #expect(said.union(offsets) == Set(low..<18_000))
            #expect(said.isDisjoint(with: offsets))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aBrokerThatDoesNotAnswerEndsTheReading() async throws {
        try await onOwnThread {
            let broker = try broker(20)
            let reader = try KafkaRangeReader(settings: broker.settings)
            try reader.start([PartitionRange(zero, from: .beginning, upTo: 1_000)], timeout: .seconds(1))
            try broker.takeDown()
            #expect {
                while !reader.isDone { _ = try reader.poll(timeout: .milliseconds(100)) { _, _ in } }
            } throws: {
                ($0 as? KafkaError)?.code == .timedOut && "\($0)".contains("t[0] at offset")
            }
            #expect(throws: KafkaError.self) {
                try reader.start([PartitionRange(zero, from: .beginning)], timeout: .seconds(1))
            }
            try broker.bringUp()
            #expect(try Reading(reader, [PartitionRange(one, from: .beginning)]).offsets == [one: Array(0..<10)])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aPartitionThatDoesNotExistIsAnError() async throws {
        try await onOwnThread {
            let broker = try broker(2)
            let reader = try KafkaRangeReader(settings: broker.settings)
            #expect {
                try reader.start(
                    [PartitionRange(TopicPartition(topic: "t", partition: 9), from: .beginning)], timeout: .seconds(5))
            } throws: {
                "\($0)".contains("t[9]")
            }
        }
    }
}

extension RangeReaderTests.Reading { init() {} }
