import Accounting
import Records
import TelemetryModel

/// Drives the evaluators of some shards: reads their logs, and says what is to be published when.
///
/// In this order, each step acknowledged before the next begins: alerts; in the second form of records the states of the alerts; window
/// records and monitors' states, and what takes former owners' records of alerts back; the checkpoints. See `ShardEvaluator`
/// and `AlertState` for why any step may be the last one.
///
/// It has no clock, thread or Kafka: what happens comes in, what is to be done comes out, and the same inputs give the same
/// effects. The consumer's evaluating thread and the tests drive it alike.
package struct EvaluatorDriver {
    /// How long results wait at the most. An alert that opens or ends does not wait at all, unless it is past.
    package static let publishInterval = Duration.seconds(1)
    /// Windows that have closed do not wait for that, as long as publishing takes at most one part in so many of the time.
    package static let promptShare = 5
    /// After a round of so many records results wait until it was one part in `largeShare` of the time, at most `publishIntervalMax`.
    package static let largeRoundRecords = 1_000
    package static let largeShare = 10
    package static let publishIntervalMax = Duration.seconds(10)

    private enum State {
        case reading
        /// Waits for the acknowledgement of the steps up to this one.
        case publishing(Round)
        /// Something could not be published: requests are answered, nothing else is done.
        case failed
        case stopped
    }

    /// A state of alerts that does not change is written again after this long, so that retention never takes it. Compaction's
    /// topics keep 90 days.
    package static let alertStateInterval = Duration.seconds(86_400)

    /// Former owners' records in the feed are taken back when a shard has been owned for this long. One that was declared dead and is ahead in
    /// the log may write on until the group tells it, and the next owner may restore what it wrote: until this one is further than
    /// that, the latest record of an alert may be the other's.
    package static let takeBackDelay = Duration.seconds(600)

    private let shardCount: Int
    /// In which form this member's records are written.
    private let form: RecordForm
    private let partitions: StatePartitions
    /// What is found out longer than this after its event time opens nothing in a sink.
    private let alertMaxAgeNanoseconds: Int64
    private let removalDelayNanoseconds: Int64
    private let largeRoundRecords: Int
    private var state = State.reading
    package private(set) var owned: [Int32: OwnedShard] = [:]
    /// The offset up to which each shard was published.
    private var published: [Int32: Int64] = [:]
    private var lastPublished: Duration
    private var lastPublication = Duration.zero
    /// Of the last round.
    private var lastRecords = 0
    /// Event time has moved on since the last publication.
    private var hasClosed = false
    /// Shards whose logs can't be read on.
    private var halted: Set<Int32> = []
    private var isStopping = false
    /// Shards that are given back when what they have is published.
    private var leaving: [Int32] = []
    /// Since the last turn: shards that went away, and those of them that came back. Records that come in the same turn may
    /// be of the time before, and lie further on than the shard is read now.
    private var gone: Set<Int32> = []
    private var returned: Set<Int32> = []

    /// - Parameters:
    ///   - shardCount: how many shards there are in all.
    ///   - alertMaxAgeNanoseconds: what is found out longer than this after its event time is past.
    ///   - removalDelayNanoseconds: how long an open alert waits for what judged it and is gone from the resources.
    ///   - largeRoundRecords: from how many records on a round that takes long is followed by fewer.
    ///   - now: of the clock that the inputs have.
    package init(
        shardCount: Int, form: RecordForm = .first, partitions: StatePartitions,
        alertMaxAgeNanoseconds: Int64 = 3_600_000_000_000,
        removalDelayNanoseconds: Int64 = EvaluationShard.defaultRemovalDelayNanoseconds,
        largeRoundRecords: Int = largeRoundRecords, now: Duration
    ) {
        self.shardCount = shardCount
        self.form = form
        self.partitions = partitions
        self.alertMaxAgeNanoseconds = alertMaxAgeNanoseconds
        self.removalDelayNanoseconds = removalDelayNanoseconds
        self.largeRoundRecords = largeRoundRecords
        lastPublished = now
    }

    package mutating func step(_ input: EvaluatorInput) -> [EvaluatorEffect] {
        if case .publishing = state {
            precondition(input.isAnswer, "nothing happens before what was sent is acknowledged")
        }
        switch input {
        case .assign(let shard): return assign(shard)
        case .release(let shard):
            if case .failed = state { return [.released(shard: shard)] }
            leaving.append(shard)
            gone.insert(shard)
        case .forget(let shard):
            drop(shard)
            gone.insert(shard)
        case .entry(let place, let json, let times): return read(json, at: place, times)
        case .passOver(let place, let source): passOver(place, entryOf: source)
        case .turn(let now, let clock): return turn(at: now, clock)
        case .acknowledged(let now): return acknowledged(at: now)
        case .unacknowledged: return abandon()
        case .stop:
            if case .failed = state { return end() }
            isStopping = true
        }
        return []
    }

    // MARK: Shards that come and go

    private mutating func assign(_ shard: OwnedShard) -> [EvaluatorEffect] {
        if case .failed = state { return [] }
        // What was asked before of the same shard is settled first: its results are restored by now.
        if gone.contains(shard.shard) { returned.insert(shard.shard) }
        let isReleased = leaving.contains(shard.shard)
        leaving.removeAll { $0 == shard.shard }
        drop(shard.shard)
        shard.evaluator.content.removalDelayNanoseconds = removalDelayNanoseconds
        owned[shard.shard] = shard
        return isReleased ? [.released(shard: shard.shard)] : []
    }

    private mutating func drop(_ shard: Int32) {
        owned[shard] = nil
        halted.remove(shard)
        published[shard] = nil
    }

    // MARK: Reading

    /// Whether the record is the shard's next, or lies behind it where records were removed.
    private func isWanted(_ place: TopicPlace) -> Bool {
        guard case .reading = state, let next = owned[place.partition]?.evaluator.next, place.offset >= next,
            !halted.contains(place.partition)
        else { return false }
        return !returned.contains(place.partition) || place.offset == next
    }

    private mutating func read(_ json: [UInt8], at place: TopicPlace, _ times: EntryTimes?) -> [EvaluatorEffect] {
        guard isWanted(place), let owner = owned[place.partition] else { return [] }
        let before = (owner.evaluator.closedBefore, owner.evaluator.reached)
        do {
            let written = try WrittenEntry(json: json)
            if let older = OlderMember(written, form: form, at: place.offset, in: owner) {
                halted.insert(place.partition)
                return [.refuse(older)]
            }
            owner.evaluator.content.times = times
            try owner.evaluator.read(written.entry, at: place.offset)
        } catch {
            halted.insert(place.partition)
            return [.fail(UnreadableRecord(place, "\(error)"))]
        }
        if (owner.evaluator.closedBefore, owner.evaluator.reached) != before { hasClosed = true }
        return []
    }

    private mutating func passOver(_ place: TopicPlace, entryOf source: SourcePartition?) {
        guard isWanted(place) else { return }
        owned[place.partition]?.evaluator.passOver(entryOf: source, at: place.offset)
    }

    // MARK: Publishing

    private mutating func turn(at now: Duration, _ clock: Timestamp) -> [EvaluatorEffect] {
        gone = []
        returned = []
        for owner in owned.values { owner.evaluator.content.clock = clock }
        guard case .reading = state else { return [] }
        let waited = now - lastPublished
        let pastBefore = clock.advanced(by: -alertMaxAgeNanoseconds)
        let isDue =
            owned.values.contains { $0.evaluator.content.announces(since: pastBefore) }
            || waited >= publishWait || hasClosed && waited >= promptWait
        guard isDue || isStopping || !leaving.isEmpty else { return [] }
        lastPublished = now
        hasClosed = false
        // What has read nothing since has nothing to say.
        let changed = owned.values.filter { published[$0.shard] != $0.evaluator.next }
        let round = Round(
            of: changed.sorted { $0.shard < $1.shard }, at: now,
            pastBefore: pastBefore)
        return proceed(round, at: now)
    }

    private var isLarge: Bool { lastRecords >= largeRoundRecords }

    private var promptWait: Duration { isLarge ? publishWait : lastPublication * EvaluatorDriver.promptShare }

    private var publishWait: Duration {
        guard isLarge else { return EvaluatorDriver.publishInterval }
        let wait = min(lastPublication * EvaluatorDriver.largeShare, EvaluatorDriver.publishIntervalMax)
        return max(wait, EvaluatorDriver.publishInterval)
    }

    private mutating func acknowledged(at now: Duration) -> [EvaluatorEffect] {
        guard case .publishing(let round) = state else { return [] }
        return proceed(round, at: now)
    }

    /// Goes through the steps up to one that has to be waited for.
    private mutating func proceed(_ begun: Round, at now: Duration) -> [EvaluatorEffect] {
        var round = begun
        while let records = round.next(shardCount: shardCount, partitions) {
            if records.isEmpty { continue }
            state = .publishing(round)
            return records.map { .send($0) } + [.awaitAcknowledgement]
        }
        state = .reading
        var effects: [EvaluatorEffect] = []
        if !round.shards.isEmpty {
            for owner in round.shards { published[owner.shard] = owner.evaluator.next }
            lastPublication = now - lastPublished
            lastRecords = round.recordCount
            effects.append(
                .published(
                    through: published, Publication(alerts: round.changes, hasWindows: round.hasWindows)))
        }
        effects += release()
        return isStopping ? effects + end() : effects
    }

    private mutating func release() -> [EvaluatorEffect] {
        defer { leaving = [] }
        return leaving.map { shard in
            drop(shard)
            return .released(shard: shard)
        }
    }

    private mutating func abandon() -> [EvaluatorEffect] {
        state = .failed
        let effects = release()
        return isStopping ? effects + end() : effects
    }

    private mutating func end() -> [EvaluatorEffect] {
        state = .stopped
        return [.stopped]
    }
}
