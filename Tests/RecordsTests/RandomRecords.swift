import Accounting
import Aggregation
import Alerting
import Objectives
import Signals
import Statistics
import TelemetryModel

@testable import Records

/// Records as owners and evaluators might write them, from one seed.
struct RandomRecords {
    var random: SeededGenerator

    init(seed: UInt64) {
        print("seed \(seed)")
        random = SeededGenerator(seed: seed)
    }

    mutating func list<Element>(_ most: Int, _ make: (inout RandomRecords) -> Element) -> [Element] {
        (0..<random.below(most + 1)).map { _ in make(&self) }
    }

    mutating func perhaps<Value>(_ make: (inout RandomRecords) -> Value) -> Value? {
        random.chance(0.5) ? make(&self) : nil
    }

    /// Of any year that can be written, and of any fineness.
    mutating func time() -> Timestamp {
        let unit = random.pick([60_000_000_000, 1_000_000, 1] as [Int64])
        let any = Int64(bitPattern: random.next())
        return Timestamp(nanoseconds: max(-9_223_372_036_000_000_000, any - any % unit))
    }

    /// Of all kinds of event, of some, or of none; at times equal.
    mutating func eventTimes() -> EventTimes {
        if random.chance(0.3) { return EventTimes(all: time()) }
        var times = EventTimes()
        for kind in EventKind.allCases { times[kind] = perhaps { $0.time() } }
        return times
    }

    /// What JSON has to escape is in it.
    mutating func text(_ most: Int = 12) -> String {
        let letters = ["a", "B", "7", "/", "-", " ", "\"", "\\", "\n", "\u{1}", "é", "日", "🦀"]
        return "t" + list(most) { $0.random.pick(letters) }.joined()
    }

    /// Small, or at the end of what 64 bits hold.
    mutating func count() -> Int64 {
        random.chance(0.1) ? .max : Int64(random.below(1_000_000))
    }

    mutating func epoch() -> OwnerEpoch {
        OwnerEpoch(lineage: Int32(random.below(3)), generation: Int32(random.below(1000)))
    }

    mutating func source() -> SourcePartition {
        SourcePartition(topic: text(), partition: Int32(random.below(64)))
    }

    mutating func point() -> SourcePoint {
        SourcePoint(incarnation: Int32(random.below(3)), offset: count())
    }

    mutating func progress() -> SourceProgress {
        SourceProgress(
            watermark: perhaps { $0.time() }, idleThrough: perhaps { $0.time() },
            tail: perhaps { values in
                RecordFingerprint(timestampMilliseconds: values.count() - 500, byteCount: Int(values.count()))
            })
    }

    mutating func sourceState() -> SourceState {
        var state = SourceState()
        for number in 0..<random.below(SourceState.namesMax + 1) {
            try? state.set("\(text())\(number)", to: .init(through: point(), text: text(60)))
        }
        return state
    }

    // MARK: Alerts

    mutating func key() -> DedupKey {
        DedupKey(kind: "slo", name: text(), labels: ["group": text(), "n": "\(random.next())"])
    }

    mutating func epochs() -> Set<Int64?> {
        Set(list(3) { values in values.perhaps { $0.count() } })
    }

    mutating func transition(status: AlertStatus = .open) -> AlertTransition {
        var alert = Alert(
            dedupKey: key(), severity: random.pick(AlertSeverity.allCases), status: status, summary: "s",
            source: text(), time: time(), openedAt: time())
        alert.kind = perhaps { $0.text() }
        alert.labels = ["objective": text(), "service": text()]
        if random.chance(0.5) { alert.annotations = ["runbook": text(40)] }
        alert.details = ["rate": .number("14.40"), "list": .list([.null, .bool(true), .text(text())])]
        alert.links = list(2) { values in Alert.Link(href: values.text(), text: values.perhaps { $0.text() }) }
        let sources = list(2) { values in
            AlertSource(
                first: values.random.chance(0.5)
                    ? .file(name: values.text(), record: values.random.below(9))
                    : .kafka(
                        topic: values.text(), partition: 3, offset: values.count(), record: values.random.below(9)),
                last: values.count())
        }
        return AlertTransition(alert: alert, reason: text(60), sources: sources, sourcesLeftOut: random.below(3))
    }

    mutating func alertState(next: Int64, alertsMax: Int = 12) -> AlertState {
        AlertState(
            next: next, judgedThrough: perhaps { $0.eventTimes() },
            open: list(alertsMax) { values in
                AlertStanding(
                    values.transition(), isPast: values.random.chance(0.3), epochs: values.epochs(),
                    endsAt: values.perhaps { $0.time() })
            }, endings: list(alertsMax) { AlertEnding($0.key(), time: $0.time(), epochs: $0.epochs()) })
    }

    // MARK: Amounts

    mutating func terms(named name: String) -> ObjectiveTerms {
        let methods: [BudgetingMethod] = [
            .occurrences, .ratioTimeslices(windowNanoseconds: 60_000_000_000),
            .timeslices(target: Ratio(decimal: "0.95") ?? .one, windowNanoseconds: 300_000_000_000),
        ]
        var terms = ObjectiveTerms(
            name: name, displayName: perhaps { $0.text() }, service: text(),
            window: .rolling(nanoseconds: 86_400_000_000_000), method: random.pick(methods),
            target: Ratio(decimal: random.pick(["0.999", "1", "0", "0.5"])) ?? .one,
            definition: perhaps { DefinitionFingerprint(rawValue: $0.random.next()) })
        terms.adoptsUnbound = terms.definition != nil && random.chance(0.5)
        return terms
    }

    /// Another one for each number.
    mutating func group(of columns: [String], _ number: Int = 0) -> ObjectiveGroup {
        let values = columns.map { _ in perhaps { $0.text() } }
        return ObjectiveGroup(columns: columns, values: [number == 0 ? values[0] : "\(number)"] + values.dropFirst())
    }

    /// As window records have them.
    mutating func recordTerms(named name: String) -> ObjectiveTerms {
        var terms = terms(named: name)
        let columns = (0...random.below(3)).map { "column \($0) \"" }
        terms.group = perhaps { $0.random.chance(0.2) ? .other(columns) : $0.group(of: columns) }
        if terms.group?.isOther == true { terms.foldedFrom = FoldPoint(offset: count(), place: random.below(1000)) }
        return terms
    }

    mutating func slice() -> SliceDelta {
        let rest = Int128(random.next()) << 31
        var slice = SliceDelta(
            start: time(), good: count(), total: count(), late: random.chance(0.5) ? count() : 0,
            matched: SelectorParts(rawValue: UInt8(random.below(8))),
            fraction: random.chance(0.3) ? SliceFraction(good: -rest, total: rest) : nil)
        slice.arrival = perhaps { $0.time() }
        return slice
    }

    /// Such as are counted: of whole minutes, in order, most of them good.
    mutating func slices() -> [SliceDelta] {
        guard random.chance(0.7) else { return [slice()] + list(6) { $0.slice() } }
        let parts: SelectorParts = random.pick([.all, .total, [.good, .total]])
        let first = Int64(random.below(100_000_000)) - 50_000_000
        return (0...random.below(6)).map { place in
            var slice = SliceDelta(
                start: Timestamp(nanoseconds: (first + Int64(place / 2)) * 60_000_000_000), good: count(),
                total: count(), late: random.chance(0.2) ? 7 : 0,
                matched: random.chance(0.1) ? [] : parts)
            slice.arrival = perhaps { values in
                slice.start.advanced(by: Int64(values.random.below(9)) * 60_000_000_000)
            }
            return slice
        }
    }

    mutating func objective(_ number: Int) -> ChangelogAmounts.ObjectiveAmounts {
        let name = "objective-\(number)"
        let terms = perhaps { $0.terms(named: name) }
        let unbound = perhaps { DefinitionFingerprint(rawValue: $0.random.next()) }
        let definition = terms.map(\.definition) ?? unbound
        if random.chance(0.3) {
            let columns = (0...random.below(3)).map { "column.\($0)" }
            return .init(
                objective: name, definition: definition, terms: terms,
                groups: (0...random.below(4)).map { number in
                    .init(group: group(of: columns, number), slices: slices())
                })
        }
        return .init(
            objective: name, definition: definition, terms: terms, slices: slices())
    }

    mutating func cell(distinct: Int = 4) -> RollupChange {
        var sum = ExactSum()
        sum.add(random.normal())
        var sketch = QuantileSketch()
        for _ in 0..<random.below(20) { _ = sketch.insert(random.normal() * 1000) }
        let values = Set((0..<random.below(distinct + 1)).map { _ in "v\(random.below(1_000_000))" }).sorted()
        return RollupChange(
            windowStart: time(), group: list(3) { values in values.perhaps { $0.text() } },
            measures: [
                .count(UInt64(random.below(1000))), .sum(perhaps { _ in sum }), .extremum(Number(random.normal())),
                .distinct(.exact(values.map { Array($0.utf8) })), .quantile(sketch),
            ])
    }

    mutating func trace() -> ChangelogAmounts.Trace {
        let first = Int64(random.below(1_000_000))
        return .init(
            kind: random.pick(EventKind.allCases), hour: time(), firstOffset: first,
            lastOffset: first + Int64(random.below(9)))
    }

    mutating func amounts() -> ChangelogAmounts {
        ChangelogAmounts(
            objectives: (0..<random.below(4)).map { objective($0) },
            rollups: (0..<random.below(3)).map { number in
                .init(rollup: "rollup-\(number)", cells: [cell()] + list(4) { $0.cell() })
            }, traces: list(5) { $0.trace() })
    }

    mutating func update() -> ChangelogUpdate<ChangelogAmounts> {
        let parts = 1 + random.below(4)
        return ChangelogUpdate(
            source: source(), epoch: epoch(), from: perhaps { $0.point() }, to: point(), progress: progress(),
            gap: perhaps { $0.random.pick(SourceGapCause.allCases) }, amounts: amounts()
        ).telling(perhaps { $0.sourceState() }).asPart(random.below(parts), of: parts)
    }

    mutating func claim() -> Claim {
        Claim(source: source(), epoch: epoch(), superseded: perhaps { $0.epoch() })
    }

    // MARK: Checkpoints

    mutating func checkpoint() -> ShardCheckpointRecord {
        var chains: [SourcePartition: SourceChainState] = [:]
        for _ in 0..<random.below(5) {
            let through = perhaps { $0.point() }
            chains[source()] = SourceChainState(
                epoch: perhaps { $0.epoch() }, began: perhaps { $0.point() }, through: through, progress: progress(),
                sourceState: through == nil ? nil : perhaps { $0.sourceState() }, isBroken: random.chance(0.2))
        }
        var record = ShardCheckpointRecord(
            shard: Int32(random.below(12)), shards: 12, epoch: epoch(),
            checkpoint: ShardCheckpoint(next: count(), closedBefore: perhaps { $0.eventTimes() }, chains: chains),
            partitions: perhaps { _ in StatePartitions(checkpoints: 4, windows: 6, alerts: 2) })
        record.alertState = perhaps { $0.count() }
        return record
    }

    private mutating func detectorState() -> Detector.State {
        .ewma(EWMA(count: 1 + count() / 2, mean: random.normal() * 1e6, variance: random.unit()) ?? EWMA())
    }

    mutating func monitor() -> MonitorRecord {
        var course: AnomalySeriesState.Course?
        if random.chance(0.8) {
            let deviation = perhaps { values in
                DetectedSeries.Deviation(
                    state: values.detectorState(), values: 1 + values.count() / 2, settled: values.count())
            }
            var known = AnomalySeriesState.Course(
                series: DetectedSeries(usual: detectorState(), deviation: deviation), lastWindow: time(),
                openedAt: perhaps { $0.time() })
            (known.calm, known.absent) = (perhaps { $0.count() } ?? 0, perhaps { Int($0.count()) } ?? 0)
            known.isAbsenceUnknown = random.chance(0.2)
            course = known
        }
        let goneThrough = course == nil ? perhaps { $0.time() } : nil
        var record = MonitorRecord(
            monitor: text(),
            state: AnomalySeriesState(
                group: list(3) { values in values.perhaps { $0.text() } }, course: course, goneThrough: goneThrough),
            grouping: perhaps { values in
                MonitorRecord.Grouping(rollup: values.text(), columns: values.list(3) { $0.text() })
            })
        (record.shard, record.epoch) = (Int32(random.below(12)), epoch())
        return record
    }
}
