import KafkaClient
import Logging
import Observability
import Records
import Runtime
import TestSupport
import Testing

@testable import Consumer

@Suite struct TopicWatchTests {
    /// A broker that has just started may not know a topic yet, which is no failure of a stop that comes then.
    @Test(.timeLimit(.minutes(5))) func aStopInGoodOrderDoesNotBelieveASingleLook() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["registers": 1, "audit": 1])
            let readiness = Readiness()
            readiness.set(.ready)
            let watch = TopicWatch(
                TopicWatch.Context(
                    producer: try KafkaProducer(settings: broker.settings), topics: OutputTopics(prefix: ""),
                    readiness: readiness, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    stop: Latch(), fail: { _ in }), of: ["registers", "audit"])
            #expect(eventually { watch.lastLook(isFailing: true) == nil && readiness.current == .ready })
            broker.setTopicError("audit", .unknownTopicOrPartition)
            #expect(watch.lastLook(isFailing: false) == nil)
            #expect(readiness.current == .degraded("topics of its own are gone: audit"))
            #expect(watch.lastLook(isFailing: false)?.topics == ["audit"])
            #expect(watch.lastLook(isFailing: true)?.topics == ["audit"])
            broker.setTopicError("audit", .none)
            #expect(watch.lastLook(isFailing: true) == nil)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aFailureThatALostTopicMayBeTheCauseOfIsExplainedByOneLook() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["registers": 1])
            let watch = TopicWatch(
                TopicWatch.Context(
                    producer: try KafkaProducer(settings: broker.settings), topics: OutputTopics(prefix: ""),
                    readiness: Readiness(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    stop: Latch(), fail: { _ in }), of: ["registers"])
            #expect(watch.lastLook(isFailing: true) == nil)
            broker.setTopicError("registers", .unknownTopicOrPartition)
            #expect(watch.lastLook(isFailing: true)?.topics == ["registers"])
        }
    }
}
