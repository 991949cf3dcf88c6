import Accounting
import KafkaClient
import Logging
import Observability
import Records
import Runtime
import TestObjectives
import TestSupport
import Testing

@testable import Consumer

/// What stands in topics of our own and can't be used stops a consumer, which says where it is; nothing is lost by that.
@Suite(.serialized) struct RefusedStateTests {
    /// Where a record that nobody can read is written.
    enum Place: CaseIterable {
        case registers, checkpoints, windows, alerts

        var topic: String {
            switch self {
            case .registers: CallsCluster.topics.registers
            case .checkpoints: CallsCluster.topics.checkpoints
            case .windows: CallsCluster.topics.windows
            case .alerts: CallsCluster.topics.alerts
            }
        }

        /// That of a record which a consumer would look for.
        var key: String {
            switch self {
            case .registers:
                String(
                    decoding: ChangelogSink.key(of: SourcePartition(topic: CallsCluster.input, partition: 0)),
                    as: UTF8.self)
            case .checkpoints: "evaluator/0/1"
            case .windows: "calls"
            case .alerts: "slo/calls"
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Place.registers, .checkpoints, .windows])
    func anUnreadableRecordStopsAConsumerUntilItIsToBeSkipped(_ hostile: Place) async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 60, failing: 5)
            let first = try cluster.run()
            #expect(first.isClosed())
            #expect(first.stop() == nil)
            let offset = try cluster.end(of: hostile.topic)
            try cluster.send(#"{"version":"#, key: hostile.key, to: hostile.topic)
            let place = TopicPlace(topic: hostile.topic, partition: 0, offset: offset)

            try cluster.send(calls: 60, failing: 5)
            let stopped = try cluster.run()
            let reason = try #require(stopped.failure())
            #expect(reason.contains("--skip \(place)"), "\(reason)")

            let going = try cluster.run(skips: [place])
            #expect(try cluster.isCounted(while: going, skips: [place]))
            #expect(going.stop() == nil)
            #expect(going.metrics.value(.recordsPassedOver, [("topic", hostile.topic)]) == 1)
            #expect(try cluster.counted(skips: [place]) == cluster.expected)
        }
    }

    @Test(.timeLimit(.minutes(5))) func readersOfTheFeedSayWhatTheyCannotReadAndGoOnWithoutIt() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            for (topic, key) in [(CallsCluster.topics.windows, "calls"), (CallsCluster.topics.alerts, "slo/calls")] {
                try cluster.send("{", key: key, to: topic)
            }
            let windows = TopicPlace(topic: CallsCluster.topics.windows, partition: 0, offset: 0)
            let alerts = TopicPlace(topic: CallsCluster.topics.alerts, partition: 0, offset: 0)
            let feed = cluster.feed()
            let ofWindows = #expect(throws: UnreadableRecord.self) { try feed.windows() }
            #expect(ofWindows?.place == windows)
            let ofAlerts = #expect(throws: UnreadableRecord.self) { try feed.alerts() }
            #expect(ofAlerts?.place == alerts)
            let ofFollowing = #expect(throws: UnreadableRecord.self) {
                try feed.follow(fromBeginning: true, isDone: { false }) { _ in }
            }
            #expect(ofFollowing?.place == alerts)
            let going = cluster.feed(skips: [windows, alerts])
            #expect(try going.windows().ledgers.isEmpty)
            #expect(try going.alerts().isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func anotherNumberOfPartitionsThanStateWasWrittenWithIsRefused() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(
                #"""
                {"kind":"evaluator","shard":0,"shards":2,"epoch":9,"next":0,"sources":[],\#
                "partitions":{"checkpoints":1,"windows":3,"alerts":1},"version":1}
                """#, key: "evaluator/0/9", to: CallsCluster.topics.checkpoints)
            let reason = try #require(try cluster.run().failure())
            #expect(reason.contains("the topic tidewatch.windows had 3 partitions and has 1"), "\(reason)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aConsumerDoesNotStartWhereTopicsCannotBeMade() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            var settings = cluster.settings
            settings.outputs.prefix = "other."
            settings.outputs.createsTopics = true
            settings.outputs.replicationFactor = 1
            // The embedded broker answers no such requests.
            let reason = try #require(try cluster.run(settings: settings).failure())
            #expect(reason.contains("other."), "\(reason)")
        }
    }

    private struct NoKey: Error {}

    @Test(.timeLimit(.minutes(1))) func aServiceWhoseConditionFailsJoinsNoGroup() async throws {
        let cluster = try CallsCluster()
        let (metrics, readiness) = (MetricsRegistry(), Readiness())
        let pipeline = ConsumerPipeline(
            ConsumerPipeline.Configuration(settings: cluster.settings, plan: try CallsObjective.failures()),
            telemetry: PipelineTelemetry(
                metrics: metrics, readiness: readiness,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        await #expect(throws: NoKey.self) {
            try await ConsumerService(pipeline: pipeline, startingAfter: { throw NoKey() }).run()
        }
        #expect(metrics.exposition().isEmpty)
        // Nor does one that is stopped before it starts.
        pipeline.stop()
        try await ConsumerService(pipeline: pipeline).run()
        #expect(readiness.current == .stopping)
        #expect(metrics.exposition().isEmpty)
    }
}

extension CallsCluster {
    /// The offset that the next record of a topic's first partition gets.
    func end(of topic: String) throws -> Int64 {
        let reader = try KafkaRangeReader(settings: broker.settings)
        var end: Int64 = 0
        try reader.start([PartitionRange(TopicPartition(topic: topic, partition: 0), from: .end)], timeout: patience)
        while !reader.isDone {
            for case .done(let position) in try reader.poll(timeout: .milliseconds(50), { _, _ in }) {
                end = position.offset
            }
        }
        return end
    }
}
