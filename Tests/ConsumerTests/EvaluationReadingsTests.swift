import Accounting
import Objectives
import Observability
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Consumer
@testable import Evaluation

/// What metrics read of evaluators, and that it goes when a shard does.
@Suite struct EvaluationReadingsTests {
    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func shard(_ number: Int32, good: Int64) throws -> OwnedShard {
        let plan = try CallsObjective.plan(counting: "good", where: "true", outputs: [.windows, .alerts])
        var content = EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        content.add(
            [
                ChangelogAmounts(objectives: [
                    .init(objective: "calls", slices: [SliceDelta(start: start, good: good, total: 1000, late: 0)])
                ])
            ],
            from: UpdateOrigin(
                source: SourcePartition(topic: "t", partition: 0), from: nil, to: SourcePoint(offset: 1),
                progress: SourceProgress(watermark: start), gap: nil), at: 0)
        let end = EventTimes(all: start.advanced(by: 60_000_000_000))
        content.close(before: end, reached: end)
        return OwnedShard(
            shard: number, epoch: OwnerEpoch(generation: 1),
            evaluator: ShardEvaluator(
                content: content,
                checkpoint: ShardCheckpoint(
                    next: 1, closedBefore: EventTimes(all: start.advanced(by: 60_000_000_000)), chains: [:]),
                expectedSources: [], inputs: InputTerms(latenessNanoseconds: 0)))
    }

    private func metrics(of readings: EvaluationReadings) -> MetricsRegistry {
        let registry = MetricsRegistry()
        registry.collect { readings.samples }
        return registry
    }

    @Test func anObjectiveSaysWhatItIsAskedForAndWhatItCameTo() throws {
        let readings = EvaluationReadings()
        readings.publish([0: ShardSnapshot(of: try shard(0, good: 900), report: nil, selectorParts: nil)])
        let metrics = metrics(of: readings)
        let slo = ("slo", "calls")
        #expect(metrics.value(.objectiveGood, [slo]) == 900)
        #expect(metrics.value(.objectiveTotal, [slo]) == 1000)
        #expect(metrics.value(.objectiveTarget, [slo]) == 0.99)
        #expect(metrics.value(.objectiveBudget, [slo]) == -9)
        #expect(metrics.value(.objectiveBurnRate, [slo, ("window", "1h")]) == 10)
        #expect(metrics.value(.objectiveStatus, [slo, ("status", "violated")]) == 1)
        #expect(metrics.value(.objectiveStatus, [slo, ("status", "met")]) == 0)
        #expect(metrics.value(.objectiveInfo, [slo, ("service", "platform"), ("method", "Occurrences")]) == 1)
        #expect(metrics.value(.watermark) == 1_768_467_660)
    }

    @Test func theLabelsOfAnObjectivesResourceStandBesideItsService() throws {
        let plan = try CallsObjective.plan(counting: "good", where: "true", outputs: [.windows, .alerts])
        var objectives = plan.objectives
        objectives[0].metadata.description.labels = [
            "team": "web", "app.kubernetes.io/name": "shop", "a-b": "1", "a.b": "2",
        ]
        let readings = EvaluationReadings(of: objectives)
        readings.publish([0: ShardSnapshot(of: try shard(0, good: 900), report: nil, selectorParts: nil)])
        let text = metrics(of: readings).exposition()
        #expect(
            text.contains(
                "tidewatch_slo_info{slo=\"calls\",service=\"platform\",method=\"Occurrences\","
                    + "label_a_b_conflict1=\"1\",label_a_b_conflict2=\"2\","
                    + "label_app_kubernetes_io_name=\"shop\",label_team=\"web\"} 1\n"))
    }

    @Test func theGaugesOfAShardGoWithIt() throws {
        let readings = EvaluationReadings()
        let snapshot = ShardSnapshot(of: try shard(0, good: 1000), report: nil, selectorParts: nil)
        readings.publish([0: snapshot])
        let metrics = metrics(of: readings)
        #expect(metrics.exposition().contains("tidewatch_slo_total"))
        readings.publish([:])
        #expect(metrics.exposition() == "")
    }

    /// There is no moment to report at.
    @Test func nothingIsReportedBeforeAnythingWasCounted() throws {
        let plan = try CallsObjective.plan(counting: "good", where: "true", outputs: [.windows, .alerts])
        let content = EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        let owned = OwnedShard(
            shard: 0, epoch: OwnerEpoch(generation: 1),
            evaluator: ShardEvaluator(
                content: content, checkpoint: nil, expectedSources: [], inputs: InputTerms(latenessNanoseconds: 0)))
        let snapshot = ShardSnapshot(of: owned, report: nil, selectorParts: nil)
        #expect(snapshot.report.at == nil)
        #expect(snapshot.report.entries == [])
    }

    /// A report is as of a moment before where it would cost too much to make it for each publication.
    @Test func aReportIsKeptUntilTheNextOne() throws {
        let first = ShardSnapshot(of: try shard(0, good: 1000), report: nil, selectorParts: nil)
        let second = ShardSnapshot(
            of: try shard(0, good: 500), report: first.report, selectorParts: first.selectorParts)
        #expect(second.report.entries[0].good == 1000)
    }
}
