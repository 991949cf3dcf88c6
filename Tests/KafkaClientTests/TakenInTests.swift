import TestSupport
import Testing

@testable import KafkaClient

/// When a member may say that it has what the group gives it.
@Suite struct TakenInTests {
    @Test(.timeLimit(.minutes(5))) func aMemberThatHasJoinedIsTakenInOnceItKnowsWhatItGets() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            // It joins without being polled, and what it gets is told inside a poll.
            #expect(try eventually { try member.consumer.groupGeneration != nil })
            #expect(member.consumer.assignment.isEmpty && !member.consumer.isTakenIn)
            #expect(
                eventually {
                    _ = member.consumer.poll(timeout: .milliseconds(50))
                    return member.consumer.isTakenIn
                })
            #expect(member.consumer.assignment.count == 1)
            try member.consumer.close()
        }
    }
}
