import KafkaClient
import Testing

@testable import Consumer

@Suite struct TopicPresenceTests {
    private static let registers = TopicPartition(topic: "registers", partition: 0)

    @Test func aTopicThatStaysAwayIsLostAfterItsPatience() {
        var presence = TopicPresence()
        presence.note(["registers": 1, "alerts": 1], [:], at: .zero)
        presence.note(["alerts": 1], [:], at: .seconds(10))
        #expect(presence.missing == ["registers"])
        presence.note(["alerts": 1], [:], at: .seconds(39))
        #expect(presence.lost(at: .seconds(39)).isEmpty)
        presence.note(["alerts": 1], [:], at: .seconds(40))
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
    }

    @Test func aTopicThatComesBackWholeIsNotLost() {
        var presence = TopicPresence()
        presence.note(["registers": 1], [Self.registers: 7], at: .zero)
        presence.note([:], [:], at: .seconds(10))
        presence.note(["registers": 1], [Self.registers: 7], at: .seconds(20))
        #expect(presence.missing.isEmpty)
        presence.note([:], [:], at: .seconds(45))
        #expect(presence.lost(at: .seconds(45)).isEmpty)
    }

    @Test func aTopicOfTheSameNameWhoseLogIsShorterIsAnother() {
        var presence = TopicPresence()
        presence.note(["registers": 1], [Self.registers: 7], at: .zero)
        presence.note(["registers": 1], [Self.registers: 3], at: .seconds(10))
        presence.note(["registers": 1], [Self.registers: 6], at: .seconds(40))
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
        presence.note(["registers": 1], [Self.registers: 8], at: .seconds(50))
        #expect(presence.lost(at: .seconds(50)).isEmpty)
    }

    @Test func aTopicThatWasNeverThereIsNotMissed() {
        var presence = TopicPresence()
        presence.note(["alerts": 1], [:], at: .zero)
        #expect(presence.missing.isEmpty)
    }

    /// A leader that does not answer says nothing of its log: what was cut is cut until it is seen whole.
    @Test func aLogThatWasCutIsLostThoughNobodyAnswersMeanwhile() {
        var presence = TopicPresence()
        presence.note(["registers": 1], [Self.registers: 7], at: .zero)
        presence.note(["registers": 1], [Self.registers: 3], at: .seconds(10))
        presence.note(["registers": 1], [:], at: .seconds(20))
        #expect(presence.missing == ["registers"])
        presence.note(["registers": 1], [Self.registers: 3], at: .seconds(40))
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
    }

    @Test func aTopicThatComesBackIsMissedUntilItsLogsAreSeen() {
        var presence = TopicPresence()
        presence.note(["registers": 1], [Self.registers: 7], at: .zero)
        presence.note([:], [:], at: .seconds(10))
        presence.note(["registers": 1], [:], at: .seconds(20))
        #expect(presence.missing == ["registers"])
        presence.note(["registers": 1], [Self.registers: 7], at: .seconds(25))
        #expect(presence.missing.isEmpty)
    }

    @Test func aTopicWithFewerPartitionsIsAnother() {
        let last = TopicPartition(topic: "registers", partition: 1)
        var presence = TopicPresence()
        presence.note(["registers": 2], [Self.registers: 7, last: 9], at: .zero)
        presence.note(["registers": 1], [Self.registers: 8], at: .seconds(10))
        #expect(presence.missing == ["registers"])
        #expect(presence.lost(at: .seconds(40)) == ["registers"])
    }

    @Test func partitionsOfATopicThatIsBeingMadeAreNoMore() {
        var presence = TopicPresence()
        #expect(presence.noteCounts(["alerts": 0]).isEmpty)
        #expect(presence.noteCounts(["alerts": 4]).isEmpty)
    }

    @Test func morePartitionsAreSaidOnce() {
        var presence = TopicPresence()
        #expect(presence.noteCounts(["alerts": 2, "registers": 4]).isEmpty)
        #expect(presence.noteCounts(["alerts": 2]).isEmpty)
        let changes = presence.noteCounts(["alerts": 4, "registers": 4])
        #expect(changes.map(\.topic) == ["alerts"])
        #expect(changes.first?.had == 2 && changes.first?.has == 4)
        #expect(presence.noteCounts(["alerts": 4, "registers": 4]).isEmpty)
    }
}
