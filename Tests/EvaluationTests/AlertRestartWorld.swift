import Accounting
import Aggregation
import Alerting
import Objectives
import Planning
import Settings
import Statistics
import TelemetryModel

@testable import Evaluation
@testable import Records

/// One shard's log, its topics, and members that evaluate it and die, one after the other or beside each other.
///
/// The log has an SLO's counts and a rollup's windows with late counts among them: burn-rate alerts and an anomaly open and close
/// several times. Nothing happens by itself: each record that is written is a step.
struct AlertRestartWorld {
    static let minute = 60 * Timestamp.nanosecondsPerSecond
    static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
    static let source = SourcePartition(topic: "t", partition: 0)
    static let minutes: Int64 = 200
    static let partitions = StatePartitions(checkpoints: 1, windows: 1, alerts: 1)

    static func at(_ minute: Int64) -> Timestamp { start.advanced(by: minute * Self.minute) }

    struct Kept {
        let key: String
        let value: [UInt8]?
        var mark = FeedMark()
        var openAt: Timestamp?
        var judgedThrough: EventTimes?
    }

    /// By their names, in the order of writing.
    private(set) var topics: [String: [Kept]] = [:]
    private let log: [[UInt8]]

    init() { log = Self.log }

    /// With the anomaly of the first group in these minutes.
    init(loud minutes: ClosedRange<Int64>) { log = Self.log { minutes.contains($0) } }

    /// The log's first entries, and behind them nothing but a source at rest, whose time goes on by the clock up to `idleUntil`.
    init(entries: Int, idleUntil: Timestamp) {
        let end = SourcePoint(offset: Int64(entries - 2))
        log =
            Self.log.prefix(entries) + [
                ShardEntry<ChangelogAmounts>.update(
                    ChangelogUpdate(
                        source: Self.source, epoch: OwnerEpoch(generation: 1), from: end, to: end,
                        progress: SourceProgress(watermark: idleUntil), amounts: ChangelogAmounts())
                ).json(in: .definitions)
            ]
    }

    /// A member that has the shard, and what it has not written yet.
    final class Member {
        fileprivate(set) var driver: EvaluatorDriver
        fileprivate var outbox: [EvaluatorEffect] = []
        fileprivate var now = Duration.zero
        fileprivate(set) var unjudged: [AlertTransition] = []
        fileprivate(set) var removals: [AlertRemoval] = []
        fileprivate init(_ driver: EvaluatorDriver) { self.driver = driver }
        var next: Int64 { driver.owned[0]?.evaluator.next ?? 0 }
        var open: [AlertTransition] { driver.owned[0]?.evaluator.content.alerts.open.map(\.transition) ?? [] }
        /// Records of the round that is going out.
        var waiting: Int { outbox.count }
    }

    // MARK: The log

    private static let log = log { [70, 71, 72, 100, 150, 160].contains($0) }

    private static func log(isLoud: (Int64) -> Bool) -> [[UInt8]] {
        typealias Entry = ShardEntry<ChangelogAmounts>
        var entries = [Entry.claim(Claim(source: source, epoch: OwnerEpoch(generation: 1))).json(in: .definitions)]
        for minute in -1..<minutes {
            let isOpening = minute < 0
            var amounts = ChangelogAmounts()
            if !isOpening {
                // Two outages, the second one shorter; each tenth minute tells of one long judged, too.
                let isBad = (60..<85).contains(minute) || (130..<145).contains(minute)
                var slices = [SliceDelta(start: at(minute), good: isBad ? 200 : 1000, total: 1000, late: 0)]
                if minute % 10 == 9, minute > 30 {
                    slices.insert(SliceDelta(start: at(minute - 20), good: 0, total: 40, late: 40), at: 0)
                }
                amounts.objectives = [.init(objective: "calls", slices: slices)]
                let calls: UInt64 = isLoud(minute) ? 5000 : 100 + UInt64(minute % 3)
                var cells: [RollupChange] = []
                // The first group pauses once, in windows that have no cells at all. The second one pauses and is gone in the end.
                if !(170..<173).contains(minute) {
                    cells.append(RollupChange(windowStart: at(minute), group: ["A"], measures: [.count(calls)]))
                }
                if minute < 110, !(62..<66).contains(minute) {
                    cells.append(RollupChange(windowStart: at(minute), group: ["B"], measures: [.count(50)]))
                }
                amounts.rollups = [.init(rollup: "calls", cells: cells)]
            }
            entries.append(
                Entry.update(
                    ChangelogUpdate(
                        source: source, epoch: OwnerEpoch(generation: 1),
                        from: isOpening ? nil : SourcePoint(offset: minute),
                        to: SourcePoint(offset: minute + 1),
                        progress: SourceProgress(watermark: isOpening ? nil : at(minute + 1)), amounts: amounts)
                ).json(in: .definitions))
        }
        return entries
    }

    /// The rollup that the monitor watches, and what it does then; the log's windows are of what it is unless said otherwise.
    struct Watched {
        var rollup = "calls"
        var groupBy = "eventName"
        var terms = "  emptyWindows: 8"
        var alert = #"  alert: {severity: warning, summary: "{n} calls of {eventName}"}"#
    }

    /// - Parameters:
    ///   - objective: the name that the SLO has.
    ///   - monitor: the name that the monitor has.
    ///   - about: members of the metadata of both.
    ///   - watched: what the monitor watches.
    ///   - others: resources beside these.
    static func plan(
        withoutPolicy: Bool = false, objective: String = "calls", monitor: String = "calls", about: String = "",
        watched: Watched = Watched(), others: String = "", form: RecordForm = .definitions
    ) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(
            text: """
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: \(objective)\(about)}
                spec:
                  service: platform
                  indicator:
                    metadata: {name: calls}
                    spec:
                      ratioMetric:
                        good: {metricSource: {type: CloudTrail, spec: {filter: '!has(event.errorCode)'}}}
                        total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
                  timeWindow: [{duration: 30d, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.99}]
                \(withoutPolicy ? Self.otherPolicy : "")
                ---
                apiVersion: tidewatch/v1
                kind: Rollup
                metadata: {name: \(watched.rollup)}
                spec:
                  source: CloudTrail
                  window: 1m
                  groupBy: [\(watched.groupBy)]
                  measures: [{name: n, count: true}]
                ---
                apiVersion: tidewatch/v1
                kind: AnomalyMonitor
                metadata: {name: \(monitor)\(about)}
                spec:
                  rollup: \(watched.rollup)
                  value: n
                  method: {ewma: {alpha: 0.2, threshold: 5, warmup: 10}}
                \(watched.terms)
                \(watched.alert)
                \(others)
                """, file: "test")
        precondition(problems == [], "\(problems)")
        return try PipelinePlan(resources: resources, outputs: [.windows, .alerts], form: form)
    }

    /// In place of the alerts that an SLO has by itself.
    private static let otherPolicy = """
          alertPolicies:
            - kind: AlertPolicy
              metadata: {name: other}
              spec:
                alertWhenBreaching: true
                conditions:
                  - kind: AlertCondition
                    metadata: {name: other}
                    spec:
                      severity: page
                      condition: {kind: burnrate, op: gt, threshold: 90, lookbackWindow: 1h, alertAfter: 5m}
                notificationTargets: []
        """

    // MARK: Members

    /// A member that finds in the topics what was written so far.
    func member(
        _ generation: Int32, _ plan: PipelinePlan, alertMaxAgeNanoseconds: Int64 = .max,
        kinds: [any EvaluatedKind.Type] = EvaluatedKinds.all
    ) throws -> Member {
        let terms = ShardRestoration.Terms(
            plan: plan, topics: OutputTopics(prefix: ""), shards: ShardMap(count: 1), partitions: Self.partitions,
            inputs: InputTerms(latenessNanoseconds: 0), kinds: kinds)
        var saved = Checkpoints(of: [0], kinds: kinds)
        for (offset, record) in (topics["checkpoints"] ?? []).enumerated() {
            guard let value = record.value else { continue }
            saved.read(value, at: TopicPlace(topic: "checkpoints", partition: 0, offset: Int64(offset)))
        }
        if let unreadable = saved.unreadable { throw unreadable }
        var restoration = ShardRestoration(of: [0], from: saved, terms)
        var windows = RestoredPartition(0, restoration.ledgers[0] ?? [], isOwn: restoration.isOwn)
        for (offset, record) in (topics["windows"] ?? []).enumerated() {
            guard let value = record.value else { continue }
            windows.take(value, judgedThrough: record.judgedThrough, offset: Int64(offset))
        }
        windows.finish()
        try restoration.take(windows)
        restoration.takeAlertStates(saved.alerts)
        if !restoration.withoutAlerts.isEmpty { restoration.take(try feed()) }
        let unjudged = restoration.unjudgedAlerts
        let owned = restoration.finish(
            generation: generation, ends: [0: Int64(log.count)], expectedSources: [Self.source])
        var driver = EvaluatorDriver(
            shardCount: 1, form: plan.form, partitions: Self.partitions,
            alertMaxAgeNanoseconds: alertMaxAgeNanoseconds, now: .zero)
        for shard in owned { _ = driver.step(.assign(shard)) }
        let member = Member(driver)
        member.unjudged = unjudged.map(\.standing.transition)
        member.removals = unjudged.map(\.removal)
        return member
    }

    func feed() throws -> FeedAlerts {
        var alerts = FeedAlerts()
        for (offset, record) in (topics["alerts"] ?? []).enumerated() {
            alerts.read(
                record.value ?? [], key: Array(record.key.utf8), record.mark,
                at: TopicPlace(topic: "alerts", partition: 0, offset: Int64(offset)))
        }
        if let unreadable = alerts.unreadable { throw unreadable }
        return alerts
    }

    /// Reads so many entries of the log.
    func read(_ count: Int, by member: Member) {
        let end = member.next + Int64(min(count, log.count - Int(member.next)))
        while member.next < end {
            let offset = member.next
            let effects = member.driver.step(
                .entry(TopicPlace(topic: "registers", partition: 0, offset: offset), json: log[Int(offset)]))
            precondition(effects.isEmpty, "\(effects)")
        }
    }

    func isAtEnd(_ member: Member) -> Bool { member.next == Int64(log.count) }

    /// Begins a round of publishing.
    func turn(_ member: Member, clock: Timestamp = start) {
        member.now += .seconds(2)
        member.outbox += member.driver.step(.turn(at: member.now, clock: clock))
    }

    /// Writes the round's next record; what waits for acknowledgements gets them. False where nothing is left.
    mutating func write(_ member: Member) -> Bool {
        while !member.outbox.isEmpty {
            switch member.outbox.removeFirst() {
            case .send(let record):
                keep(record)
                return true
            case .awaitAcknowledgement: member.outbox += member.driver.step(.acknowledged(at: member.now))
            default: break
            }
        }
        return false
    }

    /// - Parameter later: so much of the monotonic clock has passed.
    mutating func publish(_ member: Member, clock: Timestamp = start, later: Duration = .zero) {
        member.now += later
        turn(member, clock: clock)
        while write(member) {}
    }

    private mutating func keep(_ record: ResultRecord) {
        var kept = Kept(key: record.key, value: record.value)
        if case .alert(let alert) = record {
            kept.mark = FeedMark(epoch: alert.epoch.rawValue, isPast: alert.isPast, openAt: alert.openAt)
            kept.openAt = alert.openAt
        }
        if case .window(_, let time) = record { kept.judgedThrough = time }
        topics[record.topic(OutputTopics(prefix: "")), default: []].append(kept)
    }

    /// What compaction leaves at the most: of each key the last record, and no tombstones.
    mutating func compact() {
        for (topic, records) in topics {
            var last: [String: Int] = [:]
            for (place, record) in records.enumerated() { last[record.key] = place }
            topics[topic] = last.values.sorted().map { records[$0] }.filter { $0.value != nil }
        }
    }

    // MARK: What was said

    /// The feed's transitions, each once, in the order in which they came first.
    func told() throws -> [String] {
        var seen: Set<String> = []
        return (topics["alerts"] ?? []).compactMap { record in
            record.value.map { String(decoding: $0, as: UTF8.self) }
        }.filter { seen.insert($0).inserted }
    }

    /// `open slo/calls/… 61`, without the key's hash.
    static func word(_ transition: AlertTransition) -> String {
        let alert = transition.alert
        let name = alert.dedupKey.text.split(separator: "/").dropLast().joined(separator: "/")
        return "\(alert.status.rawValue) \(name) \((alert.time.nanoseconds - start.nanoseconds) / minute)"
    }
}
