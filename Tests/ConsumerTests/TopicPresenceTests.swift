import KafkaClient
import Testing

@testable import Consumer

@Suite struct TopicPresenceTests {
    private static let registers = TopicPartition(topic: "registers", partition: 0)

    @Test func aTopicThatStaysAwayIsLostAfterItsPatience() {
        var presence = TopicPresence()
        presence.note(["registers", "alerts"], [:], at: .zero)
        presence.note(["alerts"], [:], at: .seconds(10))
        #expect(presence.missing == ["registers"])
        presence.note(["alerts"], [:], at: .seconds(39))
        #expect(presence.lost(at: .seconds(39)).isEmpty)
        presence.note(["alerts"], [:], at: .seconds(40))
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
    }

    @Test func aTopicThatComesBackWholeIsNotLost() {
        var presence = TopicPresence()
        presence.note(["registers"], [Self.registers: 7], at: .zero)
        presence.note([], [:], at: .seconds(10))
        presence.note(["registers"], [Self.registers: 7], at: .seconds(20))
        #expect(presence.missing.isEmpty)
        presence.note([], [:], at: .seconds(45))
        #expect(presence.lost(at: .seconds(45)).isEmpty)
    }

    @Test func aTopicOfTheSameNameWhoseLogIsShorterIsAnother() {
        var presence = TopicPresence()
        presence.note(["registers"], [Self.registers: 7], at: .zero)
        presence.note(["registers"], [Self.registers: 3], at: .seconds(10))
        presence.note(["registers"], [Self.registers: 6], at: .seconds(40))
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
        presence.note(["registers"], [Self.registers: 8], at: .seconds(50))
        #expect(presence.lost(at: .seconds(50)).isEmpty)
    }

    @Test func aTopicThatWasNeverThereIsNotMissed() {
        var presence = TopicPresence()
        presence.note(["alerts"], [:], at: .zero)
        #expect(presence.missing.isEmpty)
    }

    @Test func anotherNumberOfPartitionsIsSaidOnce() {
        var presence = TopicPresence()
        #expect(presence.noteCounts(["alerts": 2, "registers": 4]).isEmpty)
        #expect(presence.noteCounts(["alerts": 2]).isEmpty)
        let changes = presence.noteCounts(["alerts": 4, "registers": 4])
        #expect(changes.map(\.topic) == ["alerts"])
        #expect(changes.first?.had == 2 && changes.first?.has == 4)
        #expect(presence.noteCounts(["alerts": 4, "registers": 4]).isEmpty)
    }
}
