import Accounting
import TelemetryModel

/// A thread that evaluates one shard, around the product's `ShardEvaluator`. It may die between any two calls.
final class EvaluatorDriver {
    /// What a restart reads, each topic to its end, in the reverse of the order in which they are written: so whatever a
    /// record read says was published before it is found by a later read.
    private enum Topic: CaseIterable {
        case checkpoints, windows, monitors, alerts
    }

    /// What is published, each step acknowledged before the next. Monitors' states go before window records: a window may
    /// have taken late counts after it was fed to a monitor, and the state from before the feeding must not be restored
    /// beside it.
    private enum Step: Int {
        case none, alerts, monitors, windows, checkpoint
    }

    /// The lane of each topic.
    enum Lane: Int, CaseIterable {
        case alerts, monitors, windows, checkpoints
    }

    let number: Int
    let shard: Int
    let epoch: Int
    let producer: ModelProducer
    private unowned let world: World

    // Restoring.
    private var unread: [Topic]
    private var place = 0
    private var limit: Int?
    private var checkpoint: CheckpointRecord?
    private var windows: [Int: WindowRecord] = [:]
    private var monitors: [Int: MonitorRecord] = [:]
    private var sequences = [0, 0]

    // Running.
    private(set) var evaluator: ShardEvaluator<LedgerContent>?
    private var step = Step.none
    private var waiting = 0
    private var snapshot: LedgerContent?
    private var stamp: Int64 = -1
    private var sentBlocks: [Int] = []
    private var checkpointed: ShardCheckpoint?

    init(number: Int, shard: Int, epoch: Int, world: World) {
        self.number = number
        self.shard = shard
        self.epoch = epoch
        self.world = world
        producer = ModelProducer(name: "evaluator \(number)", lanes: Lane.allCases.count, shard: shard)
        unread = Topic.allCases
        if world.bug == .checkpointReadLast { unread = [.windows, .monitors, .alerts, .checkpoints] }
        producer.deliver = { [unowned self] in acknowledge($0) }
        say("takes shard \(shard) over in generation \(epoch)")
    }

    private func say(_ text: @autoclosure () -> String) { world.say("evaluator \(number) of s\(shard): \(text())") }

    // MARK: Restoring

    /// The next small step. False when there is nothing to do.
    func advance() -> Bool {
        guard evaluator != nil else {
            restore()
            return true
        }
        return read()
    }

    private func restore() {
        guard let topic = unread.first else { return start() }
        let results = world.results[shard]
        let isAtEnd: Bool
        switch topic {
        case .checkpoints:
            isAtEnd = read(results.checkpoints) { record in
                if checkpoint.map({ ($0.checkpoint.next, $0.epoch) < (record.checkpoint.next, record.epoch) }) ?? true {
                    checkpoint = record
                }
            }
        case .windows:
            isAtEnd = read(results.windows) { record in
                if windows[record.block].map({ ($0.stamp, $0.epoch) < (record.stamp, record.epoch) }) ?? true {
                    windows[record.block] = record
                }
            }
        case .monitors:
            isAtEnd = read(results.monitors) { record in
                if monitors[record.index].map({ ($0.stamp, $0.epoch) < (record.stamp, record.epoch) }) ?? true {
                    monitors[record.index] = record
                }
            }
        case .alerts:
            isAtEnd = read(results.alerts) { alert in
                sequences[alert.monitor - 1] = max(sequences[alert.monitor - 1], alert.sequence)
            }
        }
        if isAtEnd {
            say("has read \(topic)")
            unread.removeFirst()
            place = 0
            limit = nil
        }
    }

    /// Reads on, and says whether the topic's end of now is reached. The end that it had in the beginning will not do:
    /// compaction may have dropped a record before it for one behind it.
    private func read<Value>(_ topic: CompactedTopic<Value>, _ body: (Value) -> Void) -> Bool {
        if limit == nil { limit = topic.end }
        let end = world.bug == .restoreStopsEarly ? limit ?? topic.end : topic.end
        var index = topic.index(from: place)
        for _ in 0..<8 where index < topic.records.count && topic.records[index].offset < end {
            body(topic.records[index].value)
            place = topic.records[index].offset + 1
            index += 1
        }
        return index == topic.records.count || topic.records[index].offset >= end
    }

    private func start() {
        var content = LedgerContent()
        for record in windows.values {
            let stamp = world.bug == .stampsIgnored ? -1 : record.stamp
            content.blocks[record.block] = Block(counts: record.counts, stamp: stamp)
        }
        for record in monitors.values { content.monitors[record.index] = record.state }
        content.restoredSequence = sequences
        content.ignoresUnpublished = world.bug == .checkpointBeyondOpenWindows
        evaluator = ShardEvaluator(
            content: content, checkpoint: checkpoint?.checkpoint, expectedSources: Set(world.sources.map(\.source)),
            latenessNanoseconds: Int64(SliceTime.latenessSeconds) * Timestamp.nanosecondsPerSecond)
        checkpointed = checkpoint?.checkpoint
        windows = [:]
        monitors = [:]
        say("goes on from \(evaluator?.next ?? 0)")
    }

    // MARK: Running

    private func read() -> Bool {
        guard let next = evaluator?.next, next < world.logs[shard].count else { return false }
        for offset in next..<min(next + 2, Int64(world.logs[shard].count)) {
            evaluator?.content.offset = offset
            do throws(UnconnectedUpdate) {
                try evaluator?.read(world.logs[shard][Int(offset)], at: offset)
            } catch {
                // The product's evaluator stops here.
                world.fail("evaluator \(number) of s\(shard): \(error)")
                return false
            }
        }
        say("reads to \(evaluator?.next ?? 0)")
        return true
    }

    /// Starts to publish what has changed. False when a round is under way or nothing has.
    func publish(onlyClosed: Bool) -> Bool {
        guard step == .none, var content = evaluator?.content, let next = evaluator?.next else { return false }
        guard content.unpublishedSince != nil || content.ignoresUnpublished || checkpointed?.next ?? 0 < next else {
            return false
        }
        stamp = next - 1
        snapshot = content
        sentBlocks = content.blocks.filter { block in
            guard block.value.dirtySince != nil else { return false }
            let end = (block.key + 1) * Block.cells / 2 * SliceTime.sliceSeconds
            return !(onlyClosed || content.ignoresUnpublished) || end <= content.closedSeconds ?? 0
        }.keys.sorted()
        for block in sentBlocks {
            let since = content.blocks[block]?.dirtySince
            content.blocks[block]?.inFlightSince = since
            content.blocks[block]?.dirtySince = nil
        }
        content.monitorsInFlightSince = content.monitorsDirtySince
        content.monitorsDirtySince = [nil, nil]
        content.alerts = []
        evaluator?.content = content
        say("publishes what the log says through \(stamp)")
        step = .alerts
        sendStep()
        return true
    }

    private func send(_ payload: Payload, to lane: Lane) {
        producer.send(payload, lane: lane.rawValue, tag: 0)
        waiting += 1
    }

    private func sendStep() {
        guard let snapshot else { return }
        switch step {
        case .none: return
        case .alerts: world.bug == .alertsLast ? sendMonitors(snapshot) : sendAlerts(snapshot)
        case .monitors:
            world.bug == .alertsLast ? sendAlerts(snapshot) : sendMonitors(snapshot)
            if world.bug == .windowsBesideMonitors { sendWindows(snapshot) }
        case .windows: if world.bug != .windowsBesideMonitors { sendWindows(snapshot) }
        case .checkpoint: sendCheckpoint()
        }
        if waiting == 0 { finishStep() }
    }

    private func sendAlerts(_ snapshot: LedgerContent) {
        for alert in snapshot.alerts { send(.alert(alert), to: .alerts) }
    }

    private func sendMonitors(_ snapshot: LedgerContent) {
        // Only what has changed: what was restored may be further than what was read since.
        for index in snapshot.monitors.indices where snapshot.monitorsDirtySince[index] != nil {
            let record = MonitorRecord(index: index, stamp: stamp, epoch: epoch, state: snapshot.monitors[index])
            send(.monitor(record), to: .monitors)
        }
    }

    private func sendWindows(_ snapshot: LedgerContent) {
        for block in sentBlocks {
            let stamp = world.bug == .stampOffByOne ? stamp + 1 : stamp
            let counts = snapshot.blocks[block]?.counts ?? .zero
            send(.window(WindowRecord(block: block, stamp: stamp, epoch: epoch, counts: counts)), to: .windows)
        }
    }

    private func sendCheckpoint() {
        // All that this round held is acknowledged.
        for block in sentBlocks { evaluator?.content.blocks[block]?.inFlightSince = nil }
        evaluator?.content.monitorsInFlightSince = [nil, nil]
        if world.bug == .checkpointOfUnpublished { evaluator?.content.ignoresUnpublished = true }
        let newest = evaluator?.checkpoint()
        if world.bug == .checkpointOfUnpublished { evaluator?.content.ignoresUnpublished = false }
        guard let newest, newest.next > checkpointed?.next ?? 0 else { return }
        checkpointed = newest
        send(.checkpoint(CheckpointRecord(epoch: epoch, checkpoint: newest)), to: .checkpoints)
    }

    private func finishStep() {
        step = Step(rawValue: step.rawValue + 1) ?? .none
        if step == .none { snapshot = nil } else { sendStep() }
    }

    private func acknowledge(_ receipt: ModelProducer.Receipt) {
        waiting -= 1
        if waiting == 0, step != .none { finishStep() }
    }

    /// Everything is read and published.
    var isQuiet: Bool {
        guard let evaluator, step == .none else { return false }
        return evaluator.next == world.logs[shard].count && evaluator.content.unpublishedSince == nil
    }
}
