import Alerting
import Foundation
import KafkaClient
import Records
import Runtime
import Sinks
import TestSupport
import Testing

@testable import Delivery

/// What counts as written.
@Suite struct DeliveryWriterTests {
    private let broker: EmbeddedBroker
    private let topics = OutputTopics(prefix: "t.")
    private let sink = WebhookSink(name: "hook", url: "http://127.0.0.1/", secret: [1])

    init() throws {
        broker = try EmbeddedBroker(topics: [topics.notifications: 1, topics.deadLetter: 1])
    }

    private func makeWriter(_ options: [String: String] = [:]) throws -> DeliveryWriter {
        var settings = broker.settings
        settings.options = options
        return DeliveryWriter(
            StateTopicWriter(try KafkaProducer(settings: settings), nil), topics: topics, sink: sink, form: .first)
    }

    /// What an engine has written after an answer of this status to an alert of so many bytes.
    private func write(_ status: Int, bytes: Int = 100, to writer: inout DeliveryWriter) {
        var engine = DeliveryEngine(sink: sink, seed: 1)
        let moment = DeliveryMoment(monotonic: 0, wall: .now())
        let alert = Alert(
            dedupKey: DedupKey(kind: "slo", name: "a"), severity: .critical, status: .open, summary: "it burns",
            source: "shop", time: .now(), openedAt: .now())
        let record = FeedRecord(
            partition: 0, offset: 0, writtenAt: .now(), transition: AlertTransition(alert: alert, reason: "because"),
            value: [UInt8](repeating: 0x20, count: bytes))
        _ = engine.step(.assigned(partition: 0), at: moment)
        _ = engine.step(.began(partition: 0, .resumed, next: 0, writer: 1), at: moment)
        for case .post(let token, _) in engine.step(.record(record), at: moment) {
            for effect in engine.step(.answered(token, .status(status, body: [], retryAfterSeconds: nil)), at: moment) {
                switch effect {
                case .deadLetter(let token, let record, let refusal): writer.setApart(record, refusal, token)
                case .log(let token, let records): writer.log(records, token)
                default: break
                }
            }
        }
    }

    /// How many were acknowledged, within the patience of a test.
    private func acknowledged(_ writer: inout DeliveryWriter) throws -> Int {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            let tokens = try writer.takeAcknowledged()
            if !tokens.isEmpty { return tokens.count }
        }
        return 0
    }

    @Test(.timeLimit(.minutes(10)))
    func aLetterThatTheProducerRefusesForItsSizeIsCutAndIsNoFailureOfOthers() throws {
        var writer = try makeWriter(["message.max.bytes": "30000"])
        write(400, bytes: 60_000, to: &writer)
        #expect(try acknowledged(&writer) == 1)
        write(202, to: &writer)
        #expect(try acknowledged(&writer) == 1)
        let reader = try KafkaTopicReader(settings: broker.settings, topics: [topics.deadLetter], timeout: patience)
        var letters: [(bytes: Int, original: [UInt8]?)] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { _, message in
                letters.append((message.value.byteCount, message.lastHeader("tidewatch_original_bytes")))
            }
        }
        #expect(letters.map(\.bytes) == [10_000] && letters.first?.original == Array("60000".utf8))
    }

    @Test(.timeLimit(.minutes(10)), arguments: [400, 202])
    func whatTheBrokerRefusesForItsSizeIsNotWritten(status: Int) throws {
        broker.pushErrors(Array(repeating: .messageTooLarge, count: 10), on: .produce)
        var writer = try makeWriter()
        write(status, to: &writer)
        do {
            let count = try acknowledged(&writer)
            Issue.record("\(count) were taken for written")
        } catch let error as KafkaError {
            #expect(error.code == .messageTooLarge)
        }
    }
}
