import KafkaClient
import Observability
import Runtime
import TestSupport
import Testing

@testable import Consumer

/// Where nobody asks for codes: an owner notices that somebody else has claimed its partitions, or gone on in its name.
@Suite(.serialized) struct SupersededOwnerTests {
    private static let interval = Duration.milliseconds(300)

    private func isDisputed(_ pipeline: RunningPipeline) -> Bool {
        guard case .degraded(let reason) = pipeline.readiness.current else { return false }
        return reason.contains("somebody else writes there")
    }

    @Test(.timeLimit(.minutes(5)))
    func aForgedClaimIsSaidAndCostsNoCount() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 90, failing: 2)
            // While it runs for itself nothing is found; a claim that comes then is.
            let pipeline = try cluster.run(chainCheckInterval: Self.interval)
            #expect(pipeline.isClosed())
            #expect(try cluster.isCounted(while: pipeline))
            #expect(pipeline.readiness.current == .ready)
            #expect(pipeline.metrics.value(.chainsSuperseded, [("topic", CallsCluster.input)]) == 0)
            try ForgedRecords(cluster).write(.claim)
            #expect(eventually(every: .milliseconds(5), while: { pipeline.isRunning }) { isDisputed(pipeline) })
            try cluster.send(calls: 90, failing: 3)
            #expect(try cluster.isCounted(while: pipeline))
            #expect(pipeline.isReady())
            #expect(
                pipeline.metrics.value(.chainsSuperseded, [("topic", CallsCluster.input)])
                    == Double(CallsCluster.partitions))
            #expect(pipeline.stop() == nil)

            try cluster.send(calls: 90, failing: 3)
            let next = try cluster.run(chainCheckInterval: Self.interval)
            #expect(try cluster.isCounted(while: next))
            #expect(next.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
        }
    }

    /// The owner that was superseded committed for a while, and the one that follows starts from what it left: it notices likewise.
    @Test(.timeLimit(.minutes(5)))
    func whatWasCommittedBehindAForgedClaimIsCountedByTheNextOwner() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 90, failing: 2)
            let blind = try cluster.run(chainCheckInterval: .seconds(3600))
            #expect(blind.isClosed())
            #expect(try cluster.isCounted(while: blind))
            try ForgedRecords(cluster).write(.claim)
            try cluster.send(calls: 90, failing: 3)
            #expect(
                eventually(while: { blind.isRunning }) {
                    (blind.metrics.value(.registersSkipped, [("reason", "superseded")]) ?? 0) > 8
                })
            #expect(blind.stop() == nil)
            #expect(try cluster.counted() != cluster.expected)

            let next = try cluster.run(chainCheckInterval: Self.interval)
            #expect(try cluster.isCounted(while: next))
            #expect(next.stop() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aClaimThatNoneCanFollowStopsTheOwnerAndALaterGenerationFollowsIt() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 90, failing: 2)
            let first = try cluster.run(chainCheckInterval: Self.interval)
            #expect(first.isClosed())
            #expect(try cluster.isCounted(while: first))
            try ForgedRecords(cluster).write(.lineage)
            let reason = try #require(first.failure())
            #expect(reason.contains("in a higher epoch than any that members make"), "\(reason)")

            try cluster.send(calls: 90, failing: 3)
            let next = try cluster.run(chainCheckInterval: Self.interval)
            #expect(try cluster.isCounted(while: next))
            #expect(next.stop() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func anUpdateInTheOwnersNameStopsIt() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 90, failing: 2)
            let pipeline = try cluster.run(chainCheckInterval: Self.interval)
            #expect(pipeline.isClosed())
            #expect(try cluster.isCounted(while: pipeline))
            try ForgedRecords(cluster).write(.amounts)
            let reason = try #require(pipeline.failure())
            #expect(reason.contains("that it did not write"), "\(reason)")
        }
    }
}
