import KafkaClient
import Objectives
import Settings
import TelemetryModel
import Testing

@testable import Pipeline

/// Objectives merged from the flushes of several partitions.
@Suite struct EvaluationStageTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private static let objective = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: platform
          indicator:
            metadata: {name: calls}
            spec:
              ratioMetric:
                FORM: {metricSource: {type: CloudTrail, spec: {filter: 'has(event.errorCode)'}}}
                total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)
    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func plan(counting form: String = "good") throws -> PipelinePlan {
        let text = EvaluationStageTests.objective.replacing("FORM", with: form)
        let (resources, problems) = ResourceLoader.load(text: text, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: [.windows])
    }

    private func stage(counting form: String = "good") throws -> EvaluationStage {
        EvaluationStage(
            plan: try plan(counting: form), latenessNanoseconds: EvaluationStageTests.minute,
            horizonNanoseconds: 3 * 1440 * EvaluationStageTests.minute)
    }

    private var slice: PartitionFlush.Slice { PartitionFlush.Slice(part: 0, start: start) }

    private func flush(
        _ partition: TopicPartition, _ tally: SliceTally?, folded: Bool = false, late: Int64? = nil,
        watermark: Timestamp? = nil, released: Milestone? = nil
    ) -> PartitionFlush {
        PartitionFlush(
            partition: partition, nextOffset: 1, watermark: watermark ?? start, isIdle: false,
            slices: tally.map { [(slice, $0)] } ?? [], folded: folded ? [slice] : [],
            late: late.map { [(slice, $0)] } ?? [], rollups: nil, traces: [], statistics: PipelineStatistics(),
            sentThrough: 0, released: released)
    }

    private func counts(_ stage: EvaluationStage) -> SliceCounts { stage.objectives.ledgers[0].counts(at: start) }

    @Test func flushesAreCumulativeWithinAPartitionAndAddOverPartitions() throws {
        var stage = try stage()
        stage.take(flush(first, SliceTally(good: 1, total: 2)))
        stage.take(flush(first, SliceTally(good: 3, total: 4)))
        stage.take(flush(first, SliceTally(good: 3, total: 4)))
        stage.take(flush(second, SliceTally(good: 5, total: 6)))
        #expect(counts(stage) == SliceCounts(good: 8, total: 10))
    }

    @Test func foldedSliceStaysAndWhatComesLaterIsAdded() throws {
        var stage = try stage()
        stage.take(flush(first, SliceTally(good: 3, total: 4), folded: true))
        stage.take(flush(first, SliceTally(good: 1, total: 1)))
        #expect(counts(stage) == SliceCounts(good: 4, total: 5))
    }

    @Test func partitionThatIsReleasedAndComesBackIsAdded() throws {
        var stage = try stage()
        stage.take(flush(first, SliceTally(good: 3, total: 4), released: Milestone()))
        stage.take(flush(first, SliceTally(good: 1, total: 2)))
        #expect(counts(stage) == SliceCounts(good: 4, total: 6))
    }

    @Test func restoredBlockIsCountedFurther() throws {
        var before = try stage()
        before.take(flush(first, SliceTally(good: 3, total: 4), late: 2))
        let published = before.advance(now: start).windows
        #expect(published.count == 1)
        var after = try stage()
        for record in published { after.restore(record, evaluatedThrough: nil) }
        after.take(flush(first, SliceTally(good: 1, total: 1), late: 1))
        #expect(counts(after) == SliceCounts(good: 4, total: 5, late: 3))
    }

    @Test func onlyChangedBlocksArePublished() throws {
        var stage = try stage()
        stage.take(flush(first, SliceTally(good: 1, total: 1)))
        #expect(stage.advance(now: start).windows.count == 1)
        stage.take(flush(first, SliceTally(good: 1, total: 1)))
        #expect(stage.advance(now: start).windows.isEmpty)
    }

    @Test func moreBadThanTotalIsNoGoodUntilTheTotalArrives() throws {
        var stage = try stage(counting: "bad")
        stage.take(flush(first, SliceTally(bad: 5, total: 3)))
        #expect(counts(stage) == SliceCounts(good: 0, total: 3))
        stage.take(flush(first, SliceTally(bad: 5, total: 9)))
        #expect(counts(stage) == SliceCounts(good: 4, total: 9))
    }

    @Test func earliestTimeThereIsClosesNothing() throws {
        var stage = try stage()
        stage.take(flush(first, nil, watermark: Timestamp(nanoseconds: .min)))
        #expect(stage.advance(now: start).closedBefore == Timestamp(nanoseconds: .min))
    }
}
