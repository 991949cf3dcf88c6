import TelemetryModel

/// What is made of a shard's amounts: ledgers, open windows, alerts.
public protocol ShardContent {
    associatedtype Amounts: Sendable

    /// Adds what the parts of an update say; `offset` is the last one's place in the shard's log. What holds results that
    /// include the log up to `offset` or further, because it was restored from published records, skips it.
    mutating func add(_ parts: [Amounts], from update: UpdateOrigin, at offset: Int64)

    /// Windows that end before `times`, of what reads those kinds of event, are over: all partitions have passed their end by their
    /// input's lateness.
    ///
    /// - Parameter reached: how far event time itself has come.
    mutating func close(before times: EventTimes, reached: EventTimes)

    /// The first offset of the log whose amounts are held in nothing that was published; `nil` when there is none.
    var unpublishedSince: Int64? { get }
}

/// Whose records an update tells of.
public struct UpdateOrigin: Hashable, Sendable {
    public let source: SourcePartition
    public let from: SourcePoint?
    public let to: SourcePoint
    public let progress: SourceProgress
    /// Set where the records between could not be read.
    public let gap: SourceGapCause?
    /// Set where entries of the log were skipped on request: from here to `from` nothing is counted.
    public let passedOverFrom: SourcePoint?

    public init(
        source: SourcePartition, from: SourcePoint?, to: SourcePoint, progress: SourceProgress, gap: SourceGapCause?,
        passedOverFrom: SourcePoint? = nil
    ) {
        self.source = source
        self.from = from
        self.to = to
        self.progress = progress
        self.gap = gap
        self.passedOverFrom = passedOverFrom
    }
}

/// The evaluator of one shard: a function of the shard's log, and of nothing else.
///
/// It has no clock: windows close as the log says that event time has moved on, so a log that is read again gives the same
/// results in the same order. That is why an evaluator that died, and one that was declared dead and goes on, do no harm.
///
/// The thread around it publishes in this order, each step acknowledged before the next begins, and any step may be the
/// last one: alerts; the state of the alerts; states of what is fed with windows; window records; the checkpoint. After a restart the log
/// is read again from the checkpoint, and what is already published is recognised by its stamp: a window record by the log offset
/// that it includes, a monitor by its last window, an alert by its state's event time, or its last change in the feed.
///
/// **Invariants**, which the simulation checks each on its own:
/// - *A state is never older than the windows beside it.* A window record holds late counts too that came after the window
///   was judged. Restored beside a state from before the judgement, they would be judged with it. So states are
///   acknowledged before the windows that they are fed with, or are in the same record; a state that is fed with
///   windows that are not restored (they are counted again from the checkpoint) may go out beside them.
/// - *A restart finds what was published before anything that it finds.* It reads in the reverse order: the checkpoint,
///   windows, states of alerts (or the feed, where there are none yet), each topic to the end that it has when it is reached. The end that it had in the beginning
///   will not do: compaction may have dropped a record before it for one behind it.
/// - *A stamp says what is included.* What was restored may be further than the log was read since; it is published
///   again only when it has changed.
/// - *The checkpoint is not beyond what was published*: `checkpoint` is called with nothing read since the results that
///   were acknowledged were taken, or `unpublishedSince` tells of what was, judgements included.
public struct ShardEvaluator<Content: ShardContent> {
    public var content: Content
    public private(set) var reader: ShardReader<Content.Amounts>
    /// The next offset of the log to be read.
    public private(set) var next: Int64
    /// Windows that end by then are over; it never goes back.
    public private(set) var closedBefore: EventTimes
    /// How far event time has come; it never goes back.
    public private(set) var reached: EventTimes
    private let inputs: InputTerms
    /// Sources that event time waits for.
    private var expectedSources: Set<SourcePartition>
    private var waited: ExpectedSources
    /// States of the past from which the log could be read again, oldest first.
    private var history: [ShardCheckpoint] = []

    public init(
        content: Content, checkpoint: ShardCheckpoint?, expectedSources: Set<SourcePartition>, inputs: InputTerms
    ) {
        self.content = content
        self.expectedSources = expectedSources
        self.inputs = inputs
        waited = ExpectedSources(expectedSources, inputs)
        reader = ShardReader(checkpoint?.chains ?? [:])
        next = checkpoint?.next ?? 0
        closedBefore = checkpoint?.closedBefore ?? EventTimes()
        reached = checkpoint?.reached ?? EventTimes()
        history = checkpoint.map { [$0] } ?? []
    }

    /// Takes the log's entry at `offset`; entries come in the order of their offsets.
    ///
    /// - Throws: for an update that does not follow what was read; nothing is taken then, and the evaluator must not go on.
    public mutating func read(
        _ entry: ShardEntry<Content.Amounts>, at offset: Int64
    ) throws(UnconnectedUpdate) {
        // A partition that was added to a topic is waited for from its first owner's claim on.
        if case .claim(let claim) = entry, !expectedSources.contains(claim.source),
            expectedSources.contains(where: { $0.topic == claim.source.topic })
        {
            expectedSources.insert(claim.source)
            waited = ExpectedSources(expectedSources, inputs)
        }
        let outcome = reader.read(entry)
        if case .update(let update) = entry, case .unconnected = outcome {
            throw UnconnectedUpdate(update, through: reader.state(of: update.source).through)
        }
        next = offset + 1
        guard case .added(let parts, let gapFrom) = outcome, case .update(let update) = entry else { return }
        let origin = UpdateOrigin(
            source: update.source, from: update.from, to: update.to, progress: update.progress, gap: update.gap,
            passedOverFrom: gapFrom)
        if !parts.isEmpty { content.add(parts, from: origin, at: offset) }
        let before = (closedBefore, reached)
        let times = waited.times { reader.state(of: $0).progress.reach }
        closedBefore.advance(to: times.closed)
        reached.advance(to: times.reached)
        if (closedBefore, reached) != before { content.close(before: closedBefore, reached: reached) }
    }

    /// Goes on without the log's entry at `offset`, which can't be read, or does not follow.
    ///
    /// - Parameter source: whose it is, where that is known: its next update says what is missing.
    public mutating func passOver(entryOf source: SourcePartition?, at offset: Int64) {
        next = offset + 1
        if let source { reader.passOver(entryOf: source) }
    }

    /// The newest state from which a restart would come to everything that is not published. Call it when all results so
    /// far are acknowledged.
    public mutating func checkpoint() -> ShardCheckpoint? {
        if !reader.isInsideUpdate, history.last?.next != next {
            history.append(
                ShardCheckpoint(
                    next: next, closedBefore: closedBefore, reached: reached, chains: reader.states))
            // Any of them will do, so the older ones may be further apart.
            if history.count > 64 {
                let last = history.count - 1
                history = history.indices.filter { $0 % 2 == 0 || $0 == last }.map { history[$0] }
            }
        }
        let limit = content.unpublishedSince ?? next
        guard let place = history.lastIndex(where: { $0.next <= limit }) else { return nil }
        history.removeFirst(place)
        return history.first
    }
}

/// A place in a shard's log from which it can be read again, and what held there.
public struct ShardCheckpoint: Hashable, Sendable {
    public let next: Int64
    public let closedBefore: EventTimes
    public let reached: EventTimes
    public let chains: [SourcePartition: SourceChainState]

    /// - Parameter reached: `nil` where it is not told, and then no less than windows were closed.
    public init(
        next: Int64, closedBefore: EventTimes?, reached: EventTimes? = nil, chains: [SourcePartition: SourceChainState]
    ) {
        self.next = next
        self.closedBefore = closedBefore ?? EventTimes()
        self.reached = reached ?? self.closedBefore
        self.chains = chains
    }
}
