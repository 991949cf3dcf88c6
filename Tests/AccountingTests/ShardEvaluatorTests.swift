import Accounting
import TelemetryModel
import Testing

/// When windows are over, and from where a restart reads: functions of the shard's log.
@Suite struct ShardEvaluatorTests {
    /// Remembers what it was told.
    private struct Notes: ShardContent {
        var amounts: [Int] = []
        var closes: [Timestamp] = []
        var timesByKind: [EventTimes] = []
        var unpublishedSince: Int64?

        mutating func add(_ parts: [Int], from update: UpdateOrigin, at offset: Int64) { amounts += parts }
        mutating func close(before times: EventTimes, reached: EventTimes) {
            closes += [times.least].compactMap(\.self)
            timesByKind.append(times)
        }
    }

    private let epoch = OwnerEpoch(generation: 1)
    private let lateness: Int64 = 10

    private func source(_ partition: Int32) -> SourcePartition { SourcePartition(topic: "t", partition: partition) }
    private func at(_ nanoseconds: Int64) -> Timestamp { Timestamp(nanoseconds: nanoseconds) }

    private func evaluator(_ partitions: Int32, from checkpoint: ShardCheckpoint? = nil) -> ShardEvaluator<Notes> {
        ShardEvaluator(
            content: Notes(), checkpoint: checkpoint, expectedSources: Set((0..<partitions).map { source($0) }),
            inputs: InputTerms(latenessNanoseconds: lateness))
    }

    /// Of three inputs with one partition each: CloudTrail, metrics, and one that may hold everything.
    private func evaluatorOfKinds(
        from checkpoint: ShardCheckpoint? = nil, _ topics: [String] = ["trail", "metrics", "auto"]
    ) -> ShardEvaluator<Notes> {
        ShardEvaluator(
            content: Notes(), checkpoint: checkpoint,
            expectedSources: Set(topics.map { SourcePartition(topic: $0, partition: 0) }),
            inputs: InputTerms(
                latenessNanoseconds: lateness,
                inputs: [
                    "trail": .init(kinds: [.cloudTrail], latenessNanoseconds: 40),
                    "metrics": .init(kinds: [.metric], latenessNanoseconds: 5),
                ]))
    }

    private func update(of topic: String, from: Int64?, watermark: Int64) -> ShardEntry<Int> {
        .update(
            ChangelogUpdate(
                source: SourcePartition(topic: topic, partition: 0), epoch: epoch,
                from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: (from ?? -1) + 1),
                progress: SourceProgress(watermark: at(watermark)), amounts: 1))
    }

    private func times(cloudTrail: Int64? = nil, vpcFlow: Int64? = nil, metric: Int64? = nil) -> EventTimes {
        var times = EventTimes()
        times[.cloudTrail] = cloudTrail.map { at($0) }
        times[.vpcFlow] = vpcFlow.map { at($0) }
        times[.metric] = metric.map { at($0) }
        return times
    }

    /// An update of one record, from `from` on; the first of its source has none.
    private func update(
        _ partition: Int32, from: Int64?, watermark: Int64?, idle: Int64? = nil
    ) -> ShardEntry<Int> {
        .update(
            ChangelogUpdate(
                source: source(partition), epoch: epoch, from: from.map { SourcePoint(offset: $0) },
                to: SourcePoint(offset: (from ?? -1) + 1),
                progress: SourceProgress(
                    watermark: watermark.map { at($0) }, idleThrough: idle.map { at($0) }), amounts: 1))
    }

    @Test func nothingIsOverBeforeEverySourceWasHeardOf() throws {
        var evaluator = evaluator(2)
        try evaluator.read(update(0, from: nil, watermark: 100), at: 0)
        #expect(evaluator.content.closes == [])
        try evaluator.read(update(1, from: nil, watermark: 60), at: 1)
        #expect(evaluator.content.closes == [at(50)])
    }

    @Test func theSlowestSourceDecidesAndAnIdleOneHoldsNobodyBack() throws {
        var evaluator = evaluator(2)
        try evaluator.read(update(0, from: nil, watermark: 100), at: 0)
        try evaluator.read(update(1, from: nil, watermark: nil, idle: 90), at: 1)
        try evaluator.read(update(1, from: 0, watermark: nil, idle: 200), at: 2)
        try evaluator.read(update(0, from: 0, watermark: 100, idle: 150), at: 3)
        #expect(evaluator.content.closes == [at(80), at(90), at(140)])
    }

    @Test func timeNeverGoesBack() throws {
        var evaluator = evaluator(1)
        try evaluator.read(update(0, from: nil, watermark: 100), at: 0)
        try evaluator.read(update(0, from: 0, watermark: 40), at: 1)
        #expect(evaluator.content.closes == [at(90)])
        #expect(evaluator.closedBefore == EventTimes(all: at(90)))
    }

    /// A record may be dated some minutes ahead of the clock: windows are over as the clock comes there.
    @Test func eventTimeDoesNotRunAheadOfTheClockOfTheUpdates() throws {
        var evaluator = evaluator(1)
        var next: Int64 = 0
        func read(_ watermark: Int64, _ clock: Int64) throws {
            var progress = SourceProgress(watermark: at(watermark), idleThrough: at(watermark + 1))
            progress.clock = at(clock)
            try evaluator.read(
                .update(
                    ChangelogUpdate(
                        source: source(0), epoch: epoch, from: next == 0 ? nil : SourcePoint(offset: next - 1),
                        to: SourcePoint(offset: next), progress: progress, amounts: 1)), at: next)
            next += 1
        }
        try read(300, 100)
        try read(300, 200)
        try read(300, 900)
        #expect(evaluator.content.closes == [at(90), at(190), at(291)])
    }

    @Test func aKindOfEventWaitsForTheInputsThatMayHoldIt() throws {
        var evaluator = evaluatorOfKinds()
        try evaluator.read(update(of: "auto", from: nil, watermark: 1000), at: 0)
        #expect(evaluator.closedBefore == times(vpcFlow: 990))
        try evaluator.read(update(of: "metrics", from: nil, watermark: 800), at: 1)
        #expect(evaluator.closedBefore == times(vpcFlow: 990, metric: 795))
        try evaluator.read(update(of: "metrics", from: 0, watermark: 2000), at: 2)
        #expect(evaluator.closedBefore == times(vpcFlow: 990, metric: 990))
        // CloudTrail comes last, and held nothing else back.
        try evaluator.read(update(of: "trail", from: nil, watermark: 500), at: 3)
        #expect(evaluator.closedBefore == times(cloudTrail: 460, vpcFlow: 990, metric: 990))
        #expect(evaluator.content.timesByKind.count == 4)
    }

    @Test func aKindThatNoInputHoldsWaitsForAll() throws {
        var evaluator = evaluatorOfKinds(["trail", "metrics"])
        try evaluator.read(update(of: "trail", from: nil, watermark: 500), at: 0)
        #expect(evaluator.closedBefore == times(cloudTrail: 460))
        try evaluator.read(update(of: "metrics", from: nil, watermark: 400), at: 1)
        #expect(evaluator.closedBefore == times(cloudTrail: 460, vpcFlow: 395, metric: 395))
    }

    @Test func aRestartKnowsHowFarEachKindHadCome() throws {
        var first = evaluatorOfKinds()
        for (offset, (topic, time)) in [("auto", 1000), ("metrics", 800), ("trail", 500 as Int64)].enumerated() {
            try first.read(update(of: topic, from: nil, watermark: time), at: Int64(offset))
        }
        let checkpoint = first.checkpoint()
        var second = evaluatorOfKinds(from: checkpoint)
        #expect(second.closedBefore == times(cloudTrail: 460, vpcFlow: 990, metric: 795))
        try second.read(update(of: "trail", from: 0, watermark: 510), at: 3)
        #expect(second.content.timesByKind == [times(cloudTrail: 470, vpcFlow: 990, metric: 795)])
    }

    /// A release with one event time has judged everything up to it, and nothing beyond.
    @Test func aRestartFromOneTimeForAllGoesOnByKind() throws {
        var first = evaluatorOfKinds()
        for (offset, (topic, time)) in [("auto", 1000), ("metrics", 800), ("trail", 500 as Int64)].enumerated() {
            try first.read(update(of: topic, from: nil, watermark: time), at: Int64(offset))
        }
        let chains = first.reader.states
        let former = ShardCheckpoint(next: 3, closedBefore: EventTimes(all: at(460)), chains: chains)
        var second = evaluatorOfKinds(from: former)
        try second.read(update(of: "trail", from: 0, watermark: 505), at: 3)
        #expect(second.content.timesByKind == [times(cloudTrail: 465, vpcFlow: 990, metric: 795)])
    }

    @Test func withOneTimeTheSlowestInputDecides() throws {
        var evaluator = ShardEvaluator(
            content: Notes(), checkpoint: nil,
            expectedSources: Set(["trail", "metrics"].map { SourcePartition(topic: $0, partition: 0) }),
            inputs: InputTerms(
                latenessNanoseconds: 0,
                inputs: [
                    "trail": .init(kinds: [.cloudTrail], latenessNanoseconds: 40),
                    "metrics": .init(kinds: [.metric], latenessNanoseconds: 5),
                ]
            ).withOneTime)
        try evaluator.read(update(of: "metrics", from: nil, watermark: 800), at: 0)
        #expect(evaluator.closedBefore == EventTimes())
        try evaluator.read(update(of: "trail", from: nil, watermark: 820), at: 1)
        #expect(evaluator.closedBefore == EventTimes(all: at(780)))
    }

    @Test func aPartitionThatIsAddedIsWaitedFor() throws {
        var evaluator = evaluator(1)
        try evaluator.read(.claim(Claim(source: source(1), epoch: epoch)), at: 0)
        try evaluator.read(.claim(Claim(source: SourcePartition(topic: "other", partition: 0), epoch: epoch)), at: 1)
        try evaluator.read(update(0, from: nil, watermark: 100), at: 2)
        #expect(evaluator.content.closes == [])
        try evaluator.read(update(1, from: nil, watermark: 70), at: 3)
        #expect(evaluator.content.closes == [at(60)])
    }

    @Test func aRestartGoesOnFromTheCheckpointAndAddsNothingTwice() throws {
        var first = evaluator(1)
        try first.read(update(0, from: nil, watermark: 100), at: 0)
        try first.read(update(0, from: 0, watermark: 120), at: 1)
        let checkpoint = first.checkpoint()
        #expect(checkpoint?.next == 2)

        var second = evaluator(1, from: checkpoint)
        try second.read(update(0, from: 0, watermark: 120), at: 2)
        try second.read(update(0, from: 1, watermark: 130), at: 3)
        #expect(second.content.amounts == [1])
        #expect(second.content.closes == [at(120)])
    }

    @Test func theCheckpointStaysBeforeWhatIsNotPublished() throws {
        var evaluator = evaluator(1)
        try evaluator.read(update(0, from: nil, watermark: 100), at: 0)
        let first = evaluator.checkpoint()
        #expect(first?.next == 1)
        evaluator.content.unpublishedSince = 1
        try evaluator.read(update(0, from: 0, watermark: 120), at: 1)
        let held = evaluator.checkpoint()
        #expect(held?.next == 1)
        evaluator.content.unpublishedSince = nil
        let last = evaluator.checkpoint()
        #expect(last?.next == 2)
    }
}
