import TestSupport
import Testing

@testable import KafkaClient

/// What acknowledgements say of a broker's clock.
@Suite struct AppendClockTests {
    /// 2026-01-15T09:00:00Z.
    private static let start: Int64 = 1_768_467_600_000

    @Test func itIsTheTimeOfTheLastAppendCarriedOn() {
        var clock = AppendClock()
        #expect(clock.time(at: .seconds(5)) == nil)
        clock.note(Self.start, underWay: .milliseconds(20), at: .seconds(5))
        #expect(clock.time(at: .seconds(5)) == MessageTimestamp(milliseconds: Self.start))
        #expect(clock.time(at: .seconds(65)) == MessageTimestamp(milliseconds: Self.start + 60_000))
    }

    @Test func anAcknowledgementThatWasLongUnderWayDoesNotSetItBack() {
        var clock = AppendClock()
        clock.note(Self.start, underWay: .milliseconds(20), at: .seconds(5))
        // Appended at 10 s and acknowledged at 45 s, after an outage.
        clock.note(Self.start + 5_000, underWay: .seconds(37), at: .seconds(45))
        #expect(clock.time(at: .seconds(45)) == MessageTimestamp(milliseconds: Self.start + 40_000))
    }

    @Test func aClockThatIsSetAnewIsFollowed() {
        var clock = AppendClock()
        clock.note(Self.start, underWay: .milliseconds(20), at: .seconds(5))
        clock.note(Self.start + 3_600_000, underWay: .milliseconds(20), at: .seconds(6))
        #expect(clock.time(at: .seconds(6)) == MessageTimestamp(milliseconds: Self.start + 3_600_000))
        clock.note(Self.start + 1_000, underWay: .milliseconds(20), at: .seconds(7))
        // The message was sent 20 ms before it was acknowledged: the broker's clock cannot be further now.
        #expect(clock.time(at: .seconds(7)) == MessageTimestamp(milliseconds: Self.start + 1_020))
    }

    @Test func whatIsNoTimeIsNone() {
        var clock = AppendClock()
        clock.note(1_234, underWay: .zero, at: .seconds(5))
        clock.note(-1, underWay: .zero, at: .seconds(5))
        #expect(clock.time(at: .seconds(5)) == nil)
    }

    /// The mock cluster answers 1,234 for a time.
    @Test(.timeLimit(.minutes(5)))
    func aBrokerWithoutAClockHasNone() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let producer = try KafkaProducer(settings: broker.settings)
            producer.track("t")
            try producer.send(topic: "t", partition: 0, key: nil, value: [1])
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(producer.lastDelivered(TopicPartition(topic: "t", partition: 0)) == 0)
            #expect(producer.brokerTime == nil)
        }
    }
}
