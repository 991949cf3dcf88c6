import Accounting
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

    /// One shard as an evaluator sees it that never dies.
    struct Shard {
        var evaluator: ShardEvaluator<LedgerContent>
        var reader = ShardReader<Amounts>()
        var blocks: [Int: [Version<SIMD8<Int32>>]] = [:]
        var monitors: [[Version<Monitor>]] = [[], []]
        var chains: [[Version<SourceChainState>]]
        /// By source, in order.
        var gaps: [[SourceGap]]
        var closedBefore: [Version<Timestamp>] = []
        /// By monitor, in order.
        var alerts: [[Alert]] = [[], []]
        /// The last transition of each monitor that the feed has.
        var fed = [0, 0]
    }

    private(set) var shards: [Shard]
    private(set) var repeatedAlerts = 0

    init(sources: [SourcePartition], shards count: Int) {
        shards = (0..<count).map { _ in
            Shard(
                evaluator: ShardEvaluator(
                    content: LedgerContent(), checkpoint: nil, expectedSources: Set(sources),
                    latenessNanoseconds: Int64(SliceTime.latenessSeconds) * Timestamp.nanosecondsPerSecond),
                chains: Array(repeating: [], count: sources.count), gaps: Array(repeating: [], count: sources.count))
        }
    }

    func state(of source: SourcePartition, in shard: Int) -> SourceChainState {
        shards[shard].reader.state(of: source)
    }

    /// What of a source was never read.
    func gaps(of source: SourcePartition, in shard: Int) -> [SourceGap] {
        shards[shard].gaps[Int(source.partition)]
    }

    var superseded: Int { shards.reduce(0) { $0 + ($1.reader.skipped[.superseded] ?? 0) } }
    var repeated: Int { shards.reduce(0) { $0 + ($1.reader.skipped[.repeated] ?? 0) } }

    // MARK: The shards' logs

    /// An entry has reached a shard's log: what is wrong with it.
    mutating func take(_ entry: Entry, shard: Int, at offset: Int64, sources: [SourceModel]) -> String? {
        let source: SourcePartition
        switch entry {
        case .claim(let claim): source = claim.source
        case .update(let update): source = update.source
        }
        let before = shards[shard].reader.state(of: source)
        let outcome = shards[shard].reader.read(entry)
        let after = shards[shard].reader.state(of: source)
        if after != before { shards[shard].chains[Int(source.partition)].append((offset, after)) }
        let closed = shards[shard].evaluator.closedBefore
        shards[shard].evaluator.content.offset = offset
        do throws(UnconnectedUpdate) {
            try shards[shard].evaluator.read(entry, at: offset)
        } catch {
            return "shard \(shard): \(error)"
        }
        record(shard, offset, closed)
        guard case .added(let parts, _) = outcome, case .update(let update) = entry, after.through != before.through
        else { return nil }
        if let cause = update.gap {
            let gap = SourceGap(cause: cause, from: update.from, to: update.to)
            shards[shard].gaps[Int(source.partition)].append(gap)
        }
        var amounts = Amounts()
        for part in parts { amounts.add(part) }
        return complaint(of: update, amounts, before, shard, sources[Int(source.partition)])
    }

    /// Keeps what the entry changed.
    private mutating func record(_ shard: Int, _ offset: Int64, _ closed: Timestamp?) {
        let content = shards[shard].evaluator.content
        for block in content.touched {
            shards[shard].blocks[block, default: []].append((offset, content.blocks[block]?.counts ?? .zero))
        }
        for index in content.monitors.indices where content.monitorsDirtySince[index] != nil {
            shards[shard].monitors[index].append((offset, content.monitors[index]))
        }
        for alert in content.alerts { shards[shard].alerts[alert.monitor - 1].append(alert) }
        if let time = shards[shard].evaluator.closedBefore, time != closed {
            shards[shard].closedBefore.append((offset, time))
        }
        shards[shard].evaluator.content.touched.removeAll(keepingCapacity: true)
        shards[shard].evaluator.content.alerts.removeAll(keepingCapacity: true)
        shards[shard].evaluator.content.monitorsDirtySince = [nil, nil]
    }

    /// What is wrong with an update that a chain has taken in.
    private func complaint(
        of update: RegisterUpdate<Amounts>, _ amounts: Amounts, _ before: SourceChainState, _ shard: Int,
        _ model: SourceModel
    ) -> String? {
        let title = "shard \(shard), \(update.source), \(update.from.map(\.description) ?? "nil") to \(update.to):"
        guard update.from == before.through else { return "\(title) the chain ended elsewhere" }
        let life = Int(update.to.incarnation)
        guard life <= model.life else { return "\(title) the topic was not made anew so often" }
        guard let from = update.from else { return amounts.isEmpty ? nil : "\(title) an opening adds something" }
        if let gap = update.gap {
            guard amounts.isEmpty else { return "\(title) a gap adds something" }
            switch gap {
            case .expired:
                let isTrue = from.incarnation == update.to.incarnation && Int(update.to.offset) <= model.lives[life].low
                return isTrue ? nil : "\(title) a gap where records are"
            case .recreated:
                return Int(from.incarnation) < model.life ? nil : "\(title) the topic was not made anew"
            }
        }
        guard from.incarnation == update.to.incarnation, Int(update.to.offset) <= model.lives[life].high else {
            return "\(title) no such records"
        }
        let truth = model.lives[life].amounts(
            from: Int(from.offset), to: Int(update.to.offset), shard: shard,
            watermark: model.lives[life].watermarks[Int(from.offset)])
        let hasGap = shards.contains { other in
            other.gaps[Int(update.source.partition)].contains {
                $0.cause == .expired && Int($0.to.incarnation) == life
            }
        }
        if hasGap {
            // What was late is measured against records that nobody can read any more; that each counts once still holds.
            return truth.amounts.total == amounts.total
                ? nil : "\(title) counts \(amounts.total), not \(truth.amounts.total)"
        }
        if truth.amounts.sorted != amounts.sorted {
            return "\(title) adds \(text(amounts)), and its records say \(text(truth.amounts))"
        }
        let watermark = truth.watermark == Int.min ? nil : SliceTime.time(truth.watermark)
        return watermark == update.progress.watermark ? nil : "\(title) another watermark than its records have"
    }

    private func text(_ amounts: Amounts) -> String {
        "[" + amounts.sorted.map { "\($0.cell): \($0.count)" }.joined(separator: ", ") + "]"
    }

    // MARK: What evaluators publish

    private func value<Value>(_ versions: [Version<Value>], through offset: Int64) -> Value? {
        versions.last { $0.offset <= offset }?.value
    }

    func complaint(of record: WindowRecord, shard: Int) -> String? {
        let truth = value(shards[shard].blocks[record.block] ?? [], through: record.stamp) ?? .zero
        if truth == record.counts { return nil }
        return "shard \(shard): block \(record.block) at \(record.stamp) is published as \(record.counts), not \(truth)"
    }

    func complaint(of record: MonitorRecord, shard: Int) -> String? {
        let truth =
            value(shards[shard].monitors[record.index], through: record.stamp)
            ?? Monitor(windowSlices: record.state.windowSlices)
        if truth == record.state { return nil }
        return
            "shard \(shard): monitor \(record.index) at \(record.stamp) is published as \(record.state), not \(truth)"
    }

    /// A transition may come a second time, from an evaluator that died or was declared dead, but only as the same record
    /// under the same identity, which readers of the feed recognise.
    mutating func take(_ alert: Alert, shard: Int) -> String? {
        let index = alert.monitor - 1
        let truth = shards[shard].alerts[index]
        guard alert.sequence <= truth.count, truth[alert.sequence - 1] == alert else {
            return "shard \(shard): \(alert) is no transition of the undisturbed run"
        }
        if alert.sequence <= shards[shard].fed[index] {
            repeatedAlerts += 1
            return nil
        }
        guard alert.sequence == shards[shard].fed[index] + 1 else {
            return "shard \(shard): transition \(shards[shard].fed[index] + 1) is missing before \(alert)"
        }
        shards[shard].fed[index] = alert.sequence
        return nil
    }

    func complaint(of checkpoint: ShardCheckpoint, shard: Int, sources: [SourceModel]) -> String? {
        for (number, model) in sources.enumerated() {
            let truth = value(shards[shard].chains[number], through: checkpoint.next - 1) ?? SourceChainState()
            if checkpoint.chains[model.source] ?? SourceChainState() != truth {
                return "shard \(shard): the checkpoint at \(checkpoint.next) has another chain of \(model.source)"
            }
        }
        let closed = value(shards[shard].closedBefore, through: checkpoint.next - 1)
        return closed == checkpoint.closedBefore ? nil : "shard \(shard): the checkpoint closes other windows"
    }
}
