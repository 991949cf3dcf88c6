import Accounting
import Aggregation
import Objectives
import Planning
import Records
import Settings
import Signals
import Statistics
import TelemetryModel

/// What is counted: two objectives in different shards, one of which is defined anew in the middle of some runs, one of the same records by
/// group, of which fewer are kept than there are, and a rollup that a monitor watches, with a series in each shard.
struct Estate: Sendable {
    static let shards = ShardMap(count: 2)
    static let topics = OutputTopics(prefix: "tidewatch.")
    /// Of the first source partition and of the others. The first may hold every kind of event, the second calls alone, for which
    /// windows wait longer: so the kinds are not equally far.
    static let inputTopics = ["t", "u"]
    static let sliceSeconds = 60
    /// Events older than this against their partition's watermark are late.
    static let horizonSeconds = 600
    /// How long windows wait for stragglers.
    static let latenessSeconds = 120
    static let idleSeconds = 60
    static let inputs = InputTerms(
        latenessNanoseconds: nanoseconds(latenessSeconds),
        inputs: [
            "t": InputTerms.Input(kinds: Set(EventKind.allCases), latenessNanoseconds: nanoseconds(latenessSeconds)),
            "u": InputTerms.Input(kinds: [.cloudTrail], latenessNanoseconds: nanoseconds(latenessSeconds + 40)),
        ])

    /// In which all calls count.
    static let calls = name(in: 0)
    /// At first all calls count; in the next release those of one name.
    static let jobs = name(in: 1)
    /// All calls by their name, of which one is kept apart.
    static let grouped = name(in: 0, number: 1)
    static let rollup = "names"
    /// Of events. Their series lie in different shards.
    static let names: [String] = {
        let names = (0..<26).map { String(UnicodeScalar(UInt8(65 + $0))) }
        return (0..<2).map { shard in names.first { shards.shard(ofRollup: rollup, group: [$0]) == shard } ?? "" }
    }()

    /// By release: the resources that members of it have.
    static let plans: [PipelinePlan] = [0, 1].map { plan(release: $0, form: .definitions) }
    /// Of a release that doesn't say by which definition it counted.
    static let plansWithoutDefinitions: [PipelinePlan] = [0, 1].map { plan(release: $0, form: .first) }

    private static func name(in shard: Int, number: Int = 0) -> String {
        (0..<100).map { "objective-\($0)" }.filter { shards.shard(ofObjective: $0) == shard }[number]
    }

    private static func plan(release: Int, form: RecordForm) -> PipelinePlan {
        var resources = ResourceSet()
        let minute = 60 * Timestamp.nanosecondsPerSecond
        resources.objectives = [
            objective(
                calls, total: "true",
                alerts: [
                    ObjectiveAlert(
                        name: "page", severity: "critical",
                        condition: .burnRate(factor: Ratio(2, 1), long: 4 * minute, short: minute),
                        confidence: Ratio(9, 10))
                ]),
            objective(jobs, total: release == 0 ? "true" : "event.eventName == '\(names[1])'", alerts: []),
            objective(grouped, total: "true", groupsMax: 1, alerts: []),
        ]
        resources.rollups = [
            RollupDefinition(
                name: rollup, source: .cloudTrail, windowNanoseconds: minute, groupBy: [FieldPath(keys: "eventName")],
                measures: [MeasureDefinition(name: "calls", kind: .count)])
        ]
        guard let parameters = EWMA.Parameters(alpha: 0.3, threshold: 1.5, warmup: 3) else {
            preconditionFailure("the parameters are in their ranges")
        }
        var monitor = AnomalyMonitorDefinition(
            name: "unusual", rollup: rollup, value: "calls", method: .ewma(parameters),
            alert: AnomalyAlertDefinition(severity: "warning", summary: "{value} calls", keepFiringWindows: 2))
        // So few that names come, go and come back.
        (monitor.acceptAfterWindows, monitor.emptyWindows) = (6, 3)
        resources.monitors = [monitor]
        do {
            return try PipelinePlan(resources: resources, outputs: [.windows, .alerts], form: form)
        } catch {
            preconditionFailure("the resources compile: \(error)")
        }
    }

    private static func objective(
        _ name: String, total: String, groupsMax: Int? = nil, alerts: [ObjectiveAlert]
    ) -> ServiceLevelObjective {
        func query(_ filter: String) -> MetricQuery {
            var query = MetricQuery(source: .cloudTrail, filter: filter)
            if groupsMax != nil { query.groupBy = [FieldPath(keys: "eventName")] }
            query.groupsMax = groupsMax
            return query
        }
        let good = total == "true" ? "!has(event.errorCode)" : "!has(event.errorCode) && \(total)"
        return ServiceLevelObjective(
            metadata: .init(name: name), service: "shop",
            indicator: ServiceLevelIndicator(
                name: name, form: .ratio(good: query(good), bad: nil, total: query(total))),
            window: .rolling(nanoseconds: 30 * 86_400 * Timestamp.nanosecondsPerSecond), method: .occurrences,
            target: Ratio(9, 10), alerts: alerts)
    }

    // MARK: Time

    /// 2026-01-15T09:00:00Z.
    private static let begin: Int64 = 1_768_467_600

    static func time(_ seconds: Int) -> Timestamp {
        Timestamp(nanoseconds: (begin + Int64(seconds)) * Timestamp.nanosecondsPerSecond)
    }

    static func seconds(_ time: Timestamp) -> Int { Int(time.seconds - begin) }
    static func nanoseconds(_ seconds: Int) -> Int64 { Int64(seconds) * Timestamp.nanosecondsPerSecond }
}
