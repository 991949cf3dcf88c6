import Accounting
import Alerting
import Evaluation
import Objectives
import Planning
import Records
import Signals
import TelemetryModel

/// Records of a source partition that were never read.
struct SourceGap {
    let cause: SourceGapCause
    let from: SourcePoint?
    let to: SourcePoint
}

/// What must come out, kept beside the simulation: an undisturbed evaluator of each shard's log, and the sources
/// themselves. It judges each record at the moment in which it reaches the broker.
struct Oracle {
    typealias Version<Value> = (offset: Int64, value: Value)

    /// A range of a source that a shard has taken in, and the release that counted it.
    struct Counted {
        let from: SourcePoint
        let to: SourcePoint
        let release: Int
    }

    /// Up to when windows are over, and how far event time is.
    struct Times: Equatable {
        let closedBefore: EventTimes
        let reached: EventTimes

        init(_ evaluator: ShardEvaluator<EvaluationShard>) {
            (closedBefore, reached) = (evaluator.closedBefore, evaluator.reached)
        }

        init(_ checkpoint: ShardCheckpoint?) {
            (closedBefore, reached) = (checkpoint?.closedBefore ?? EventTimes(), checkpoint?.reached ?? EventTimes())
        }
    }

    /// One shard as an evaluator sees it that never dies.
    struct Shard {
        var evaluator: ShardEvaluator<EvaluationShard>
        /// By key of window record, the slices by the offset that they include.
        var windows: [String: [Version<[SliceCounts]>]] = [:]
        /// By series, in the epoch of nobody.
        var states: [String: [any StateRecord]] = [:]
        var chains: [[Version<SourceChainState>]]
        /// By source, in order.
        var gaps: [[SourceGap]]
        var counted: [[Counted]]
        var times: [Version<Times>] = []
        /// In order.
        var alerts: [DedupKey: [AlertTransition]] = [:]
        /// How many transitions of each alert the feed has.
        var fed: [DedupKey: Int] = [:]
    }

    private(set) var shards: [Shard]
    /// By source and life.
    private(set) var judgements: [[Judgement]]
    private(set) var repeatedAlerts = 0
    /// Where the first of the shards has begun with an incarnation of a source. The others must begin there too: what one of
    /// them has counted from there on, all have to count.
    private var beginnings: [SourcePartition: [Int32: SourcePoint]] = [:]

    init(sources: [SourcePartition], plan: PipelinePlan) {
        judgements = sources.map { _ in [] }
        shards = (0..<Estate.shards.count).map { shard in
            var content = EvaluationShard(plan: plan, shard: shard, of: Estate.shards, closedBefore: nil)
            let inputs = plan.form.tellsTimeByKind ? Estate.inputs : Estate.inputs.withOneTime
            content.judge(by: inputs)
            return Shard(
                evaluator: ShardEvaluator(
                    content: content, checkpoint: nil, expectedSources: Set(sources), inputs: inputs),
                chains: Array(repeating: [], count: sources.count), gaps: Array(repeating: [], count: sources.count),
                counted: Array(repeating: [], count: sources.count))
        }
    }

    func state(of source: SourcePartition, in shard: Int) -> SourceChainState {
        shards[shard].evaluator.reader.state(of: source)
    }

    private func skipped(_ reason: SourceChain<ChangelogAmounts>.SkipReason) -> Int {
        shards.reduce(0) { $0 + ($1.evaluator.reader.skipped[reason] ?? 0) }
    }

    var superseded: Int { skipped(.superseded) }
    var repeated: Int { skipped(.repeated) }

    // MARK: The shards' logs

    /// The parts of an update whose last part has not come.
    private var parts: [Int: (counts: Counts, next: Int)] = [:]

    /// An entry has reached a shard's log: what is wrong with it.
    ///
    /// - Parameter now: the broker's clock, where members are to judge by it.
    mutating func take(
        _ written: LogEntry, shard: Int, at offset: Int64, sources: [Source], now: Int?
    ) -> String? {
        let entry: ShardEntry<ChangelogAmounts>
        do { entry = try ShardEntry<ChangelogAmounts>(json: written.json) } catch {
            return "shard \(shard): an entry can't be read: \(error)"
        }
        let source = sources[written.source]
        let before = state(of: source.partition, in: shard)
        let timesBefore = Times(shards[shard].evaluator)
        do { try shards[shard].evaluator.read(entry, at: offset) } catch { return "shard \(shard): \(error)" }
        let after = state(of: source.partition, in: shard)
        if after != before { shards[shard].chains[written.source].append((offset, after)) }
        let times = Times(shards[shard].evaluator)
        if times != timesBefore { shards[shard].times.append((offset, times)) }
        record(shard, offset)
        if let complaint = Oracle.complaint(of: source, before, after) { return "shard \(shard): \(complaint)" }
        guard case .update(let update) = entry, after.epoch == update.epoch else { return nil }
        let place = shard * 100 + written.source
        if update.part == 0 { parts[place] = (Counts(), 0) }
        // A part may come twice.
        if update.part == parts[place]?.next {
            parts[place]?.counts.add(update.amounts)
            parts[place]?.next += 1
        }
        guard after.through != before.through, after.through == update.to else { return nil }
        if let cause = update.gap {
            shards[shard].gaps[written.source].append(SourceGap(cause: cause, from: update.from, to: update.to))
        } else if let from = update.from {
            shards[shard].counted[written.source].append(
                Counted(from: from, to: update.to, release: written.release))
        }
        if let complaint = begin(update, before, shard) ?? judge(update, source, shard, now) { return complaint }
        return complaint(of: update, parts[place]?.counts ?? Counts(), before, shard, (source, written.release))
    }

    /// Judges the records of an update by the clock in it.
    private mutating func judge(
        _ update: ChangelogUpdate<ChangelogAmounts>, _ source: Source, _ shard: Int, _ now: Int?
    ) -> String? {
        guard let from = update.from, update.gap == nil, from.incarnation == update.to.incarnation,
            Int(update.to.incarnation) <= source.life,
            from.offset <= update.to.offset,
            Int(update.to.offset) <= source.lives[Int(update.to.incarnation)].high
        else { return nil }
        let (number, life) = (Int(source.partition.partition), Int(update.to.incarnation))
        while judgements[number].count <= life { judgements[number].append(Judgement()) }
        let range = Int(from.offset)..<Int(update.to.offset)
        let title = "shard \(shard), \(update.source), \(from) to \(update.to):"
        guard let clock = update.progress.clock.map(Estate.seconds) else {
            // The first form has no place for it, and nothing is dated in the future where that is written.
            if now != nil, !range.isEmpty { return "\(title) does not say by which clock it was counted" }
            _ = judgements[number][life].judge(
                source.lives[life], from: range.lowerBound, to: range.upperBound, by: .max / 2)
            return nil
        }
        if let now, let complaint = Oracle.complaint(ofReading: clock, at: now, of: source.lives[life].records[range]) {
            return "\(title) \(complaint)"
        }
        let other = judgements[number][life].judge(
            source.lives[life], from: range.lowerBound, to: range.upperBound, by: clock)
        return other.map { "\(title) judges the date of the record at \($0) otherwise than another shard" }
    }

    /// What is wrong with where a shard begins with an incarnation.
    private mutating func begin(
        _ update: ChangelogUpdate<ChangelogAmounts>, _ before: SourceChainState, _ shard: Int
    ) -> String? {
        let incarnation = update.to.incarnation
        if before.through?.incarnation == incarnation { return nil }
        let first = beginnings[update.source]?[incarnation] ?? update.to
        beginnings[update.source, default: [:]][incarnation] = first
        if first == update.to { return nil }
        return "shard \(shard) begins with \(update.source) at \(update.to), and another has at \(first)"
    }

    /// Keeps what the entry changed.
    private mutating func record(_ shard: Int, _ offset: Int64) {
        let results = shards[shard].evaluator.content.takeResults()
        for record in results.records {
            switch record {
            case .window(let record, _):
                shards[shard].windows[record.key, default: []].append((record.stamp ?? -1, record.slices))
            case .state(let record): shards[shard].states[record.series, default: []].append(record)
            case .alert, .supersededAlert, .alertState, .supersededWindow, .checkpoint: break
            }
        }
        for alert in results.alerts {
            shards[shard].alerts[alert.key.dedupKey, default: []].append(alert.transition)
        }
    }

    /// What is wrong with an update that a chain has taken in.
    private func complaint(
        of update: ChangelogUpdate<ChangelogAmounts>, _ counts: Counts, _ before: SourceChainState, _ shard: Int,
        _ written: (source: Source, release: Int)
    ) -> String? {
        let source = written.source
        let title = "shard \(shard), \(update.source), \(update.from.map(\.description) ?? "nil") to \(update.to):"
        guard update.from == before.through else { return "\(title) the chain ended elsewhere" }
        let life = Int(update.to.incarnation)
        guard life <= source.life else { return "\(title) the topic was not made anew so often" }
        guard let from = update.from else { return counts.isEmpty ? nil : "\(title) an opening adds something" }
        if let gap = update.gap {
            guard counts.isEmpty else { return "\(title) a gap adds something" }
            switch gap {
            case .expired:
                let isSame = from.incarnation == update.to.incarnation
                return isSame && Int(update.to.offset) <= source.lives[life].low
                    ? nil : "\(title) a gap where records are"
            case .recreated:
                return Int(from.incarnation) < source.life ? nil : "\(title) the topic was not made anew"
            }
        }
        guard from.incarnation == update.to.incarnation, Int(update.to.offset) <= source.lives[life].high else {
            return "\(title) no such records"
        }
        let truth = source.lives[life].counts(
            from: Int(from.offset), to: Int(update.to.offset), release: written.release,
            judgements[Int(source.partition.partition)][life])
        let expected = truth.counts.part(of: shard)
        if hasLost(source, life) {
            // What was late is measured against records that nobody can read any more; that each counts once still holds.
            return Oracle.events(expected) == Oracle.events(counts)
                ? nil : "\(title) counts \(counts), and its records say \(expected)"
        }
        if expected != counts { return "\(title) adds \(counts.beyond(expected)) too much" }
        let watermark = truth.watermark == Int.min ? nil : Estate.time(truth.watermark)
        return watermark == update.progress.watermark ? nil : "\(title) another watermark than its records have"
    }

    private func hasLost(_ source: Source, _ life: Int) -> Bool {
        shards.contains { other in
            other.gaps[Int(source.partition.partition)].contains {
                $0.cause == .expired && Int($0.to.incarnation) == life
            }
        }
    }

    /// How many events there are, late or not.
    static func events(_ counts: Counts) -> [Int64] {
        let totals = counts.totals
        return [
            (totals[.callsTotal] ?? 0) + (totals[.callsLate] ?? 0),
            (totals[.jobsTotal] ?? 0) + (totals[.jobsLate] ?? 0),
        ]
    }

    // MARK: What evaluators publish

    private func value<Value>(_ versions: [Version<Value>], through offset: Int64) -> Value? {
        versions.last { $0.offset <= offset }?.value
    }

    /// What is wrong with a record of another topic than the feed.
    func complaint(of record: ResultRecord, sources: [Source]) -> String? {
        switch record {
        case .alert, .supersededAlert, .alertState, .supersededWindow: nil
        case .window(let record, _): complaint(of: record)
        case .state(let record): complaint(of: record)
        case .checkpoint(let record): complaint(of: record.checkpoint, shard: Int(record.shard), sources: sources)
        }
    }

    private func complaint(of record: WindowRecord) -> String? {
        let shard = Estate.shards.shard(ofObjective: record.terms.name)
        let truth = value(shards[shard].windows[record.key] ?? [], through: record.stamp ?? -1) ?? []
        if truth == record.slices { return nil }
        return "\(record.key) at \(record.stamp ?? -1) is published as \(record.slices), not \(truth)"
    }

    private func complaint<Record: StateRecord>(of record: Record) -> String? {
        let states = shards[Int(record.shard)].states[record.series] ?? []
        let published = Oracle.whenever(record) as? Record
        if states.contains(where: { Oracle.whenever($0) as? Record == published }) { return nil }
        return "shard \(record.shard): \(record) is no state of \(record.series)"
    }

    /// Without who published it, and without what depends on when: whether a group was new in one of the windows since.
    private static func whenever(_ record: any StateRecord) -> any StateRecord {
        var record = record
        if let monitor = record as? MonitorRecord, var course = monitor.state.course {
            course.newThrough = nil
            let state = AnomalySeriesState(
                group: monitor.state.group, course: course, goneThrough: monitor.state.goneThrough)
            var other = MonitorRecord(monitor: monitor.monitor, state: state, grouping: monitor.grouping)
            other.shard = monitor.shard
            record = other
        }
        record.epoch = OwnerEpoch(rawValue: 0)
        return record
    }

    /// A transition may come a second time, from an evaluator that died or was declared dead, but only as the same record
    /// under the same identity, which readers of the feed recognise.
    mutating func take(_ transition: AlertTransition) -> String? {
        let key = transition.alert.dedupKey
        let place = shards.firstIndex { $0.alerts[key] != nil }
        // Who goes on from window records that are further than the checkpoint knows of more sources.
        let isSame = { (known: AlertTransition) in
            (known.alert, known.reason) == (transition.alert, transition.reason)
        }
        guard let place, let number = shards[place].alerts[key]?.firstIndex(where: isSame) else {
            let alert = transition.alert
            return "\(alert.status) of \(key) at \(alert.time) is no transition of the undisturbed run"
        }
        let fed = shards[place].fed[key] ?? 0
        if number < fed {
            repeatedAlerts += 1
            return nil
        }
        guard number == fed else { return "transition \(fed) of \(key) is missing before \(number)" }
        shards[place].fed[key] = fed + 1
        return nil
    }

    private func complaint(of checkpoint: ShardCheckpoint, shard: Int, sources: [Source]) -> String? {
        for (number, source) in sources.enumerated() {
            let truth = value(shards[shard].chains[number], through: checkpoint.next - 1) ?? SourceChainState()
            if checkpoint.chains[source.partition] ?? SourceChainState() != truth {
                return "shard \(shard): the checkpoint at \(checkpoint.next) has another chain of \(source.partition)"
            }
        }
        let times = value(shards[shard].times, through: checkpoint.next - 1) ?? Times(nil)
        return times == Times(checkpoint) ? nil : "shard \(shard): the checkpoint has another event time"
    }
}
