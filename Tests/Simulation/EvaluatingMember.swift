import Accounting
import Evaluation
import Objectives
import Planning
import Records
import Statistics
import TelemetryModel

/// A process of the evaluate role with some shards: a shell around `ShardRestoration` and `EvaluatorDriver`. It may die between
/// any two steps.
final class EvaluatingMember {
    /// Partitions of a topic, read to their ends one after the other.
    private struct Reading {
        var topics: [ResultTopic]
        var partition = 0
        var place = 0
        /// The ends of all partitions when it began, by topic: for a planted mistake.
        let ends: [[Int]]
        /// What was read, by topic and partition.
        var records: [ResultTopic: [[CompactedPartition.Record]]] = [:]
        /// The checkpoints as they were read first; what they say of alerts is read again behind the windows.
        var checkpoints: [[CompactedPartition.Record]]?
    }

    let number: Int
    let release: Int
    private(set) var shards: [Int32]
    private let generation: Int32
    let producer: SimulatedProducer
    private unowned let world: World
    private var reading: Reading?
    private var driver: EvaluatorDriver
    private var turns: Int64 = 0
    /// The sequence for whose acknowledgement the driver waits.
    private var awaited: Int?
    /// Alerts that are held back by a planted mistake.
    private var heldBack: [ResultRecord] = []
    private var shape: StatePartitions

    private static let recordsMax = 8
    /// Of a topic, at most.
    static let lanes = 4

    init(number: Int, shards: [Int32], generation: Int32, release: Int, world: World) {
        self.number = number
        self.shards = shards
        self.generation = generation
        self.release = release
        self.world = world
        shape = world.shape
        producer = SimulatedProducer(
            name: "evaluator \(number)", lanes: ResultTopic.allCases.count * EvaluatingMember.lanes)
        driver = EvaluatorDriver(
            shardCount: Estate.shards.count, form: world.plans[release].form, partitions: world.shape, now: .zero)
        reading = Reading(
            topics: world.bug == .checkpointReadLast
                ? [.windows, .alerts, .checkpoints] : [.checkpoints, .windows, .checkpoints, .alerts],
            ends: world.results.map { $0.map(\.end) })
        say("takes shards \(shards) over in generation \(generation)")
    }

    private func say(_ text: @autoclosure () -> String) { world.say("evaluator \(number): \(text())") }

    /// The next small step. False when there is nothing to do.
    func advance() -> Bool {
        if reading != nil {
            restore()
            return true
        }
        if let awaited {
            guard producer.isAcknowledged(through: awaited) else { return false }
            self.awaited = nil
            perform(driver.step(.acknowledged(at: .seconds(turns))))
            return true
        }
        return read()
    }

    // MARK: Restoring

    private func restore() {
        guard var reading else { return }
        guard let topic = reading.topics.first else {
            self.reading = nil
            return assemble(reading.records, reading.checkpoints ?? [])
        }
        let partitions = world.results[topic.rawValue]
        // One may have been taken away meanwhile.
        let partition = reading.partition < partitions.count ? partitions[reading.partition] : CompactedPartition()
        // To the end of now: compaction may have dropped a record before the former end for one behind it.
        var end = partition.end
        let ends = reading.ends[topic.rawValue]
        if world.bug == .restoreStopsEarly, reading.partition < ends.count { end = ends[reading.partition] }
        var index = partition.index(from: reading.place)
        var taken: [CompactedPartition.Record] = []
        let recordsMax = world.plan.emphasis == .slowRestores ? 2 : EvaluatingMember.recordsMax
        while taken.count < recordsMax, index < partition.records.count,
            partition.records[index].offset < end
        {
            taken.append(partition.records[index])
            reading.place = partition.records[index].offset + 1
            index += 1
        }
        var held = reading.records[topic] ?? []
        while held.count <= reading.partition { held.append([]) }
        held[reading.partition] += taken
        reading.records[topic] = held
        if index == partition.records.count || partition.records[index].offset >= end {
            (reading.partition, reading.place) = (reading.partition + 1, 0)
            if reading.partition >= partitions.count {
                say("has read \(topic)")
                reading.partition = 0
                reading.topics.removeFirst()
                if topic == .checkpoints, reading.checkpoints == nil {
                    reading.checkpoints = reading.records[.checkpoints] ?? []
                    if reading.topics.contains(.checkpoints) { reading.records[.checkpoints] = [] }
                }
            }
        }
        self.reading = reading
    }

    private func assemble(
        _ records: [ResultTopic: [[CompactedPartition.Record]]], _ checkpoints: [[CompactedPartition.Record]]
    ) {
        let terms = ShardRestoration.Terms(
            plan: world.plans[release], topics: Estate.topics, shards: Estate.shards, partitions: shape,
            inputs: world.bug == .oneEventTime ? Estate.inputs.withOneTime : Estate.inputs)
        do {
            let all = Set(0..<Int32(Estate.shards.count))
            let holding = Set(shards.map { Int($0) % shape.checkpoints })
            let saved = try World.checkpoints(of: Set(shards), checkpoints, in: holding)
            if world.bug != .partitionsUnchecked {
                try terms.check(saved, of: shards) {
                    try World.checkpoints(of: all, checkpoints, in: Set(0..<shape.checkpoints))
                }
            }
            var restoration = ShardRestoration(of: shards, from: saved, terms)
            for (partition, ledgers) in restoration.ledgers.sorted(by: { $0.key < $1.key }) {
                var restored = RestoredPartition(partition, ledgers, isOwn: restoration.isOwn)
                let windows = records[.windows] ?? []
                for record in Int(partition) < windows.count ? windows[Int(partition)] : [] {
                    guard let value = record.value else { continue }
                    restored.take(
                        altered(value), judgedThrough: record.judgedThrough, offset: Int64(record.offset))
                }
                restored.finish()
                try restoration.take(restored)
            }
            let states = try World.checkpoints(of: Set(shards), records[.checkpoints] ?? [], in: holding).alerts
            restoration.takeAlertStates(world.bug == .alertsFromFeed ? AlertStates() : states)
            var alerts = FeedAlerts()
            for (partition, records) in (records[.alerts] ?? []).enumerated() {
                for record in records {
                    let place = TopicPlace(
                        topic: Estate.topics.alerts, partition: Int32(partition), offset: Int64(record.offset))
                    alerts.read(
                        record.value ?? [], key: Array(record.key.utf8), FeedMark(epoch: record.epoch.rawValue),
                        at: place)
                }
            }
            if let unreadable = alerts.unreadable { throw unreadable }
            restoration.take(alerts)
            let restored = restoration.finish(
                generation: generation, ends: [:], expectedSources: Set(world.sources.map(\.partition)))
            for shard in restored {
                say("goes on in shard \(shard.shard) from \(shard.evaluator.next) as \(shard.epoch)")
                perform(driver.step(.assign(shard)))
            }
        } catch {
            if shape != World.shape {
                say("does not start: \(error)")
                world.refused(self)
            } else {
                world.fail("evaluator \(number): \(error)")
            }
        }
    }

    /// A window record as a planted mistake has it restored.
    private func altered(_ json: [UInt8]) -> [UInt8] {
        switch world.bug {
        case .stampsIgnored:
            guard var record = try? WindowRecord(json: json) else { return json }
            record.stamp = nil
            return record.json
        case .arrivalLostOnRestore:
            var text = String(decoding: json, as: UTF8.self)
            guard let start = text.firstRange(of: ",\"arrived_later\":[[")?.lowerBound,
                let end = text[start...].firstRange(of: "]]")?.upperBound
            else { return json }
            text.removeSubrange(start..<end)
            return Array(text.utf8)
        default: return json
        }
    }

    /// A planted mistake: what arrived when its slice was over is taken for having arrived in time.
    private func withoutArrivals(_ json: [UInt8]) -> [UInt8] {
        guard world.bug == .arrivalsUnread, case .update(let update) = try? ShardEntry<ChangelogAmounts>(json: json)
        else { return json }
        var amounts = update.amounts
        for objective in amounts.objectives.indices {
            for slice in amounts.objectives[objective].slices.indices {
                amounts.objectives[objective].slices[slice].arrival = nil
            }
        }
        let other = ChangelogUpdate(
            source: update.source, epoch: update.epoch, from: update.from, to: update.to, progress: update.progress,
            gap: update.gap, amounts: amounts
        ).telling(update.state).asPart(update.part, of: update.parts)
        return ShardEntry.update(other).json(in: world.plans[release].form)
    }

    // MARK: Running

    private func read() -> Bool {
        var hasRead = false
        for shard in shards {
            for _ in 0..<2 {
                guard let next = driver.owned[shard]?.evaluator.next, next < world.logs[Int(shard)].count else { break }
                hasRead = true
                let place = TopicPlace(topic: Estate.topics.registers, partition: shard, offset: next)
                let entry = world.logs[Int(shard)][Int(next)]
                let json = withoutArrivals(world.read(entry, at: place, in: world.plans[release].form))
                perform(driver.step(.entry(place, json: json)))
                if !producer.isAlive { return true }
            }
        }
        return hasRead
    }

    /// Publishes what has changed. False when a round is under way.
    func turn() -> Bool {
        guard reading == nil, awaited == nil else { return false }
        turns += 2
        // A clock that event time has always caught up with.
        perform(driver.step(.turn(at: .seconds(turns), clock: Estate.time(world.now))))
        return awaited != nil
    }

    /// Gives a shard back once its results are published.
    func release(_ shard: Int32) -> Bool {
        guard reading == nil, awaited == nil, driver.owned[shard] != nil else { return false }
        say("gives shard \(shard) back")
        perform(driver.step(.release(shard: shard)))
        return turn() || true
    }

    private func perform(_ effects: [EvaluatorEffect]) {
        var isRoundOfAlerts = false
        for effect in effects {
            switch effect {
            case .send(let record):
                if case .alert = record { isRoundOfAlerts = true }
                if world.bug == .alertsLast, case .alert = record { heldBack.append(record) } else { send(record) }
            case .awaitAcknowledgement:
                awaited = producer.lastSequence
                if isRoundOfAlerts, world.bug == .windowsBesideAlerts || world.bug == .alertsLast { awaited = 0 }
            case .published:
                say("has published")
                for record in heldBack { send(record) }
                heldBack = []
            case .released(let shard):
                shards.removeAll { $0 == shard }
                world.released(shard: shard, by: self)
            case .fail(let error):
                if world.isUnreadable(error.place) {
                    say("stops: \(error)")
                    world.stop(self)
                } else {
                    world.fail("evaluator \(number): \(error)")
                }
            case .refuse(let older): world.fail("evaluator \(number): \(older)")
            case .stopped: break
            }
        }
    }

    private func send(_ record: ResultRecord) {
        let record = altered(record)
        let topic = ResultTopic(of: record)
        let partition = record.partition(shape)
        producer.send(
            .result(record, value: record.value(in: world.plans[release].form)),
            lane: topic.rawValue * EvaluatingMember.lanes + Int(partition))
    }

    /// The record as a planted mistake makes it.
    private func altered(_ record: ResultRecord) -> ResultRecord {
        switch (world.bug, record) {
        case (.stampOffByOne, .window(var window, let judged)):
            window.stamp = window.stamp.map { $0 + 1 }
            return .window(window, judgedThrough: judged)
        case (.datedBySlice, .alert(let alert)):
            var transition = alert.transition
            guard case .text(let text)? = transition.alert.details["slice_end"], let end = Timestamp(rfc3339: text)
            else {
                return record
            }
            transition.alert.time = end
            return .alert(
                FeedAlert(
                    transition: transition, epoch: alert.epoch, key: alert.key, isPast: alert.isPast,
                    openAt: alert.openAt))
        case (.checkpointBeyondOpenWindows, .checkpoint(let record)):
            guard let evaluator = driver.owned[record.shard]?.evaluator else { return .checkpoint(record) }
            return .checkpoint(
                record.with(
                    ShardCheckpoint(
                        next: evaluator.next, closedBefore: evaluator.closedBefore, reached: evaluator.reached,
                        chains: evaluator.reader.states)))
        case (.checkpointOfUnpublished, .checkpoint(let record)):
            guard let evaluator = driver.owned[record.shard]?.evaluator else { return .checkpoint(record) }
            var reader = evaluator.reader
            let log = world.logs[Int(record.shard)]
            for entry in log[Int(evaluator.next)...] {
                if let entry = try? ShardEntry<ChangelogAmounts>(json: entry.json) { _ = reader.read(entry) }
            }
            return .checkpoint(
                record.with(
                    ShardCheckpoint(
                        next: Int64(log.count), closedBefore: evaluator.closedBefore, reached: evaluator.reached,
                        chains: reader.states)))
        default: return record
        }
    }

    /// Everything is read and published.
    var isQuiet: Bool {
        reading == nil && awaited == nil
            && shards.allSatisfy { driver.owned[$0]?.evaluator.next == Int64(world.logs[Int($0)].count) }
    }
}

extension ShardCheckpointRecord {
    /// With another checkpoint.
    fileprivate func with(_ checkpoint: ShardCheckpoint) -> ShardCheckpointRecord {
        var record = ShardCheckpointRecord(
            shard: shard, shards: shards, epoch: epoch, checkpoint: checkpoint, partitions: partitions)
        record.form = form
        record.alertState = alertState
        return record
    }
}
