import KafkaClient
import Observability
import Records
import Synchronization
import TelemetryModel
import TestSupport
import Testing

@testable import Runtime

/// Topics of our own, read to their ends: what a restart rests on.
@Suite(.serialized) struct StateTopicTests {
    private static let topic = "state"
    private let broker: EmbeddedBroker
    private let producer: KafkaProducer

    init() throws {
        broker = try EmbeddedBroker(topics: [Self.topic: 2])
        producer = try KafkaProducer(settings: broker.settings)
    }

    private func send(_ values: [String], to partition: Int32) throws {
        for value in values {
            try producer.send(topic: Self.topic, partition: partition, key: Array(value.utf8), value: Array(value.utf8))
        }
        #expect(producer.flush(timeout: patience) == .delivered)
    }

    private func reader(_ skips: SkippedRecords, stop: Latch = Latch()) throws -> StateTopicReader {
        StateTopicReader(
            try KafkaRangeReader(settings: broker.settings), timeout: patience, stop: stop, skips: skips)
    }

    @Test(.timeLimit(.minutes(5))) func aTopicIsReadToItsEndAndFromThereOn() async throws {
        try await onOwnThread {
            let lines = LogLines()
            let metrics = MetricsRegistry()
            try send(["a", "b", "c", "d"], to: 0)
            try send(["x"], to: 1)
            let skipped = TopicPlace(topic: Self.topic, partition: 0, offset: 2)
            let reader = try reader(SkippedRecords([skipped], metrics, lines.logger))
            var read: [String] = []
            var passedOver: [Int64] = []
            func take(from begun: [Int32: Int64] = [:]) throws -> [Int32: Int64] {
                try reader.read(
                    Self.topic, [0, 1], from: begun, where: { Array(copying: $0.key) != Array("b".utf8) },
                    passedOver: { passedOver.append($1.offset) }
                ) { read.append(String(decoding: Array(copying: $1.value), as: UTF8.self)) }
            }
            let ends = try take()
            #expect(ends == [0: 4, 1: 1])
            #expect(read.sorted() == ["a", "d", "x"])
            #expect(passedOver == [2])
            // From there on, only what came since.
            try send(["e"], to: 0)
            read = []
            #expect(try take(from: ends) == [0: 5, 1: 1])
            #expect(read == ["e"])
            // Skipped twice, said once.
            _ = try take()
            #expect(passedOver == [2, 2])
            #expect(
                lines.take() == ["warning a record is passed over on request; what it says is missing record=state/0/2"]
            )
            #expect(metrics.value(.recordsPassedOver, [("topic", Self.topic)]) == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func recordsThatComeWhileATopicIsReadAreReadToo() async throws {
        try await onOwnThread {
            try send(["a", "b"], to: 0)
            var read: [Int64] = []
            let ends = try KafkaRangeReader(settings: broker.settings).readToEnd(
                of: Self.topic, [0], timeout: patience, stop: Latch()
            ) { _, message in
                read.append(message.offset)
                if message.offset == 1 { #expect(throws: Never.self) { try send(["c", "d"], to: 0) } }
            }
            #expect(read == [0, 1, 2, 3] && ends == [0: 4])
        }
    }

    @Test(.timeLimit(.minutes(5))) func aStopEndsAReading() async throws {
        try await onOwnThread {
            try send(["a"], to: 0)
            let stop = Latch()
            stop.reach()
            let error = #expect(throws: StopReached.self) {
                try reader(SkippedRecords(), stop: stop).read(Self.topic, [0]) { _, _ in }
            }
            #expect(error?.description == "stopped")
        }
    }

    @Test(.timeLimit(.minutes(5))) func anAcknowledgementIsAwaitedAndARefusalFails() async throws {
        try await onOwnThread {
            let reasons = Mutex<[String]>([])
            let wait = AcknowledgementWait(producer: producer, stop: Latch()) { reason in
                reasons.withLock { $0.append(reason) }
            }
            let sequence = try producer.send(topic: Self.topic, partition: 0, key: nil, value: [1])
            #expect(wait.isAcknowledged(through: sequence))
            broker.pushErrors([.messageTooLarge], on: .produce)
            let refused = try producer.send(topic: Self.topic, partition: 0, key: nil, value: [2])
            #expect(!wait.isAcknowledged(through: refused))
            let said = reasons.withLock { $0 }
            #expect(said.count == 1 && said[0].hasPrefix("1 records were refused, the first: "), "\(said)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aStopDoesNotWaitForABrokerThatIsGone() async throws {
        try await onOwnThread {
            let reasons = Mutex<[String]>([])
            let stop = Latch()
            let wait = AcknowledgementWait(producer: producer, stop: stop) { reason in
                reasons.withLock { $0.append(reason) }
            }
            try send(["a"], to: 0)
            try broker.takeDown()
            let sequence = try producer.send(topic: Self.topic, partition: 0, key: nil, value: [1])
            stop.reach()
            #expect(!wait.isAcknowledged(through: sequence))
            #expect(
                reasons.withLock { $0 } == [
                    "no acknowledgement before the stop (1 records wait); they are counted again at the next start"
                ])
            try broker.bringUp()
        }
    }

    @Test(.timeLimit(.minutes(5))) func aDeadLetterIsCutToWhatAMessageHoldsAndSaysHowLongItWas() async throws {
        try await onOwnThread {
            var settings = broker.settings
            settings.options["message.max.bytes"] = "100000"
            let small = try KafkaProducer(settings: settings)
            let original = [UInt8](repeating: 7, count: 150_000)
            let headers = CloudEventHeaders.deadLetter(
                reason: "not_json", detail: "line\nbreak " + String(repeating: "x", count: 10_000),
                position: Array("{}".utf8), byteOffset: 12)
            for bytes in [original, [1, 2, 3]] {
                try small.sendDeadLetter(
                    to: Self.topic, of: bytes.span.bytes, position: Array("{}".utf8), headers: headers)
            }
            #expect(small.flush(timeout: patience) == .delivered)
            var letters: [Int: String] = [:]
            try KafkaRangeReader(settings: broker.settings).readToEnd(
                of: Self.topic, [0, 1], timeout: patience, stop: Latch()
            ) { _, message in
                let size = message.lastHeader("tidewatch_original_bytes") ?? Array("whole".utf8)
                letters[message.value.byteCount] = String(decoding: size, as: UTF8.self)
                let type = message.lastHeader("ce_type").map { String(decoding: $0, as: UTF8.self) }
                #expect(type == CloudEventHeaders.deadLetter)
                #expect(message.lastHeader("tidewatch_byte_offset") == Array("12".utf8))
                let detail = message.lastHeader("tidewatch_detail") ?? []
                #expect(detail.count <= Rejection.detailBytesMax && !detail.contains(UInt8(ascii: "\n")))
            }
            #expect(letters == [50_000: "150000", 3: "whole"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatAFeedSaysBesideATransitionIsReadAsItWasWritten() async throws {
        try await onOwnThread {
            let time = try #require(Timestamp(rfc3339: "2026-11-20T10:00:00Z"))
            let written = [
                FeedHeaders.make(epoch: 7, isPast: true, openAt: time), FeedHeaders.make(epoch: 8, isPast: false), [],
            ]
            for headers in written {
                try producer.send(topic: Self.topic, partition: 0, key: nil, value: [1], headers: headers)
            }
            #expect(producer.flush(timeout: patience) == .delivered)
            var read: [String] = []
            try reader(SkippedRecords()).read(Self.topic, [0]) { _, message in
                read.append(
                    "\(FeedHeaders.epoch(of: message)) \(FeedHeaders.isPast(message)) "
                        + (FeedHeaders.openAt(of: message)?.description ?? "-"))
            }
            #expect(read == ["7 true \(time)", "8 false -", "0 false -"])
        }
    }
}
