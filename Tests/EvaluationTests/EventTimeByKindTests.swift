import Accounting
import Aggregation
import Alerting
import Objectives
import Planning
import Settings
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Records

/// Objectives of one shard that read different kinds of event, of which one is late.
@Suite struct EventTimeByKindTests {
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
    private static let objectives = ["calls", "flows"]

    private static func at(_ minute: Int64) -> Timestamp { start.advanced(by: minute * Self.minute) }

    private func objective(_ name: String, _ type: String, good: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name)}
        spec:
          service: platform
          indicator:
            metadata: {name: \(name)}
            spec:
              ratioMetric:
                good: {metricSource: {type: \(type), spec: {filter: '\(good)'}}}
                total: {metricSource: {type: \(type), spec: {filter: 'true'}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """
    }

    private func rollup(_ source: String) -> String {
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: of-\(source.lowercased())}
        spec: {source: \(source), window: 1m, measures: [{name: events, count: true}]}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: unusual-\(source.lowercased())}
        spec:
          rollup: of-\(source.lowercased())
          value: events
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
          alert: {severity: warning, summary: "{value} events"}
        """
    }

    private func shard(closedBefore: EventTimes? = nil) throws -> EvaluationShard {
        let text = [
            objective("calls", "CloudTrail", good: "!has(event.errorCode)"),
            objective("flows", "VPCFlow", good: "event.action == \"ACCEPT\""), rollup("CloudTrail"), rollup("VPCFlow"),
        ].joined(separator: "\n---\n")
        let (resources, problems) = ResourceLoader.load(text: text, file: "test")
        #expect(problems.isEmpty, "\(problems)")
        let plan = try PipelinePlan(resources: resources, outputs: [.windows, .alerts], form: .definitions)
        return EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: closedBefore)
    }

    /// An event of each kind in each of ten minutes.
    private func addEvents(to shard: inout EvaluationShard) {
        let update = UpdateOrigin(
            source: SourcePartition(topic: "t", partition: 0), from: SourcePoint(offset: 0),
            to: SourcePoint(offset: 20), progress: SourceProgress(watermark: Self.at(10)), gap: nil)
        let cells = (0..<10).map { RollupChange(windowStart: Self.at($0), group: [], measures: [.count(1)]) }
        let rollups = ["of-cloudtrail", "of-vpcflow"].map {
            ChangelogAmounts.RollupAmounts(rollup: $0, cells: cells)
        }
        shard.add([ChangelogAmounts(rollups: rollups)], from: update, at: 0)
    }

    /// Ten minutes in which everything fails, of both objectives.
    private func addOutage(to shard: inout EvaluationShard) {
        let slices = (0..<10).map { SliceDelta(start: Self.at($0), good: 0, total: 100, late: 0) }
        let update = UpdateOrigin(
            source: SourcePartition(topic: "t", partition: 0), from: SourcePoint(offset: 0),
            to: SourcePoint(offset: 100), progress: SourceProgress(watermark: Self.at(10)), gap: nil)
        shard.add(
            [ChangelogAmounts(objectives: Self.objectives.map { .init(objective: $0, slices: slices) })], from: update,
            at: 0)
    }

    private func times(cloudTrail: Int64, others: Int64) -> EventTimes {
        var times = EventTimes(all: Self.at(others))
        times[.cloudTrail] = Self.at(cloudTrail)
        return times
    }

    private func terms(next: Int64) -> PublishingTerms {
        PublishingTerms(epoch: OwnerEpoch(generation: 1), form: .definitions, next: next, isStateDue: true)
    }

    private func objectives(_ results: EvaluationShard.Results) -> Set<String> {
        Set(results.alerts.compactMap { $0.transition.alert.labels["objective"] })
    }

    @Test func anAlertWaitsForTheKindsThatItsObjectiveReads() throws {
        var shard = try shard()
        addOutage(to: &shard)
        shard.close(before: times(cloudTrail: 0, others: 10))
        #expect(objectives(shard.takeResults(terms(next: 1))) == ["flows"])
        shard.close(before: times(cloudTrail: 9, others: 10))
        #expect(objectives(shard.takeResults(terms(next: 2))) == ["calls"])
    }

    @Test func aRollupsWindowsAreOverByItsOwnKind() throws {
        var shard = try shard()
        addEvents(to: &shard)
        shard.close(before: times(cloudTrail: 0, others: 10))
        #expect(shard.takeResults(terms(next: 1)).monitors.map(\.monitor) == ["unusual-vpcflow"])
        #expect(shard.unpublishedSince == 0, "CloudTrail's windows are open")
        shard.close(before: times(cloudTrail: 10, others: 10))
        #expect(shard.takeResults(terms(next: 2)).monitors.map(\.monitor) == ["unusual-cloudtrail"])
        #expect(shard.unpublishedSince == nil && shard.lateRollupCells == 0)
    }

    @Test func aRestartTakesWindowsForJudgedByTheirOwnKind() throws {
        var shard = try shard(closedBefore: times(cloudTrail: 0, others: 10))
        addEvents(to: &shard)
        #expect(shard.lateRollupCells == 10, "the flow logs' were judged before")
        shard.close(before: times(cloudTrail: 10, others: 11))
        #expect(shard.takeResults(terms(next: 2)).monitors.map(\.monitor) == ["unusual-cloudtrail"])
    }

    /// What the state and the windows say was judged is not said of the slower kind.
    @Test(arguments: [false, true]) func aRestartLosesNoAlertOfTheSlowerKind(fromWindows: Bool) throws {
        var before = try shard()
        addOutage(to: &before)
        before.close(before: times(cloudTrail: 0, others: 10))
        let results = before.takeResults(terms(next: 1))
        let state = try #require(results.alertState)
        #expect(objectives(results) == ["flows"])

        var after = try shard()
        if fromWindows {
            var windows = RestoredPartition(0, after.objectives.ledgers)
            let header = try #require(results.judgedThrough.text)
            for record in results.windows {
                windows.take(
                    record.json(in: .definitions), judgedThrough: EventTimes(text: header), offset: 0)
            }
            windows.finish()
            after.restore(windows.ledgers)
            for (_, times) in windows.judgedThrough { after.restore(judgedThrough: times) }
        }
        var states = AlertStates()
        for record in state.records(shard: 0, epoch: 1, sequence: 1) {
            states.take(try AlertStateRecord(json: record.json))
        }
        after.restore(try #require(states.newest(of: 0)))
        after.finishRestoring(epoch: OwnerEpoch(generation: 2))
        addOutage(to: &after)
        after.close(before: times(cloudTrail: 10, others: 10))
        #expect(objectives(after.takeResults(terms(next: 2))) == ["calls"])
        #expect(Set(after.alerts.open.compactMap { $0.transition.alert.labels["objective"] }) == ["calls", "flows"])
    }
}

extension EvaluationShard {
    /// Where slices are judged once.
    mutating func close(before times: EventTimes) { close(before: times, reached: times) }
}
