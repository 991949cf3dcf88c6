import Accounting
import LockFree
import Records
import TelemetryModel

/// The rules of a counting thread: whose partitions it has, when it flushes them, when it has to wait, and when it lets go of a
/// message.
///
/// It has no Kafka, thread or clock: what happens comes in, what is to be done comes out, and the same inputs give the same
/// effects. Messages come through `count` and, small ones together, through `countRun`, which take no lock, and flushes leave through a
/// ring, so that the bound on what waits is the ring's.
///
/// It belongs to one thread. `step(.insideBatch)` and `lookUp` may be called from inside `count`, by the watch that looks up from a
/// long message; the partition of that message is left alone then.
package final class WorkerDriver {
    /// How long a flush may wait for the one before it to be acknowledged until reading waits too.
    static let flushPatience = Duration.seconds(10)
    /// Flushes of full partitions, beyond one for each, that may wait until reading waits too, if they are small: together they have
    /// `onTheirWayBytesMax` bytes.
    static let flushesWaitingMax = 8
    /// How often a partition is flushed at once within a flush interval, whatever it passes: while the last hour of a backlog is read, it passes
    /// slices as fast as they are read.
    static let promptFlushesMax = 4
    /// Large flushes take at most one part in so many of the time, as long as none waits longer than `flushIntervalMax` for that.
    static let flushShare = 10
    static let flushIntervalMax = Duration.seconds(10)
    static let heldUpQuietly = Duration.seconds(1)
    /// How long who asks for a partition, or for a stop, waits for the end of the message that is being counted: longer than
    /// the limits let a message take, and short enough for a stop within ten seconds.
    static let messagePatience = Duration.seconds(3)

    let terms: WorkerTerms
    let surroundings: WorkerSurroundings
    var partitions: [SourcePartition: OwnedPartition] = [:]
    /// Taken and not served yet, in their order.
    var pending: [WorkerRequest] = []
    /// The sources of the batch at hand, and beside them what is owned of them.
    var batchSources: [SourcePartition] = []
    var batch: [OwnedPartition?] = []
    private(set) var batchBegan = Duration.zero
    /// The partition whose message is being counted, and since when somebody waits for its end.
    var current: (partition: OwnedPartition, awaitedSince: Duration?)?
    private(set) var phase = Phase.counting
    /// Of the messages that are counted together.
    private let rows = MessageRows()

    enum Phase {
        case counting
        /// A record could not be sent: requests are answered, and nothing is flushed.
        case failed
        case stopped
    }

    var flushes: RingProducer<PartitionFlush>
    private let bell: Doorbell
    /// Bytes of all flushes that were handed over, and of those that are published.
    private(set) var handedBytes: UInt64 = 0
    private let publishedBytes: Counter
    let totals: CountedTotals
    private var live: LiveCounts.Writer
    /// Partitions whose live counts are to be shown anew.
    private var dirty: [OwnedPartition] = []
    /// Flushes were handed over, and the bell was not rung yet.
    private var hasHandedOver = false

    /// Partitions that the flush of all has not come to yet.
    var due: ArraySlice<SourcePartition> = []
    var lastFlush: Duration
    /// How long the next flush of all waits after the last one.
    var flushWait: Duration
    /// The last flush of all is not published yet.
    var isFlushing = false
    /// What was handed over when it began, and by its end.
    var flushStart: UInt64 = 0
    var flushEnd: UInt64?
    /// Partitions that have passed an end at which something is judged, in the order in which they did.
    var pastEnds: [OwnedPartition] = []
    /// When the broker was asked for the ends of quiet partitions.
    var lastQuestion: Duration
    /// What all partitions hold, in bytes.
    var heldBytes = 0
    /// Some partition, or all together, hold more than they should, and there was no room for their flushes.
    var isOverdue = false
    /// Whether reading has to wait, because what was read is not acknowledged: memory is bounded by what the publisher holds, one
    /// round of flushes, by what is in the ring, and by what was counted since.
    package internal(set) var isHeldUp = false
    /// Since when reading waits, until that is said.
    var heldUpSince: Duration?

    package init(_ terms: WorkerTerms, output: WorkerOutput, surroundings: WorkerSurroundings) {
        self.terms = terms
        self.surroundings = surroundings
        flushes = output.flushes.makeProducer()
        bell = output.bell
        publishedBytes = output.publishedBytes
        totals = output.totals
        live = output.live.makeWriter()
        lastFlush = surroundings.now()
        flushWait = terms.flushInterval
        lastQuestion = lastFlush
    }

    package var isStopped: Bool { phase == .stopped }
    /// Nothing more is counted: requests are all that it waits for.
    package var hasFailed: Bool { phase == .failed }
    /// What is left of a batch need not be counted.
    package var isStopAsked: Bool { pending.contains { if case .stop = $0 { true } else { false } } }

    package func step(_ input: WorkerInput) -> [WorkerEffect] {
        var effects: [WorkerEffect] = []
        switch input {
        case .beforeBatch(let requests):
            pending += requests
            if phase == .counting { serve(assigns: true, &effects) } else { answer(&effects) }
        case .insideBatch(let requests):
            pending += requests
            guard phase == .counting else { break }
            serve(assigns: false, &effects)
            flushWhenDue()
            noteHeldUp(&effects)
        case .afterBatch:
            guard phase == .counting else { break }
            notePastEnds()
            let isJumping = serveAfterBatch(&effects)
            // A gap is told in flushes, for which there is room now.
            if !isJumping, phase == .counting {
                flushPastEnds()
                flushWhenDue()
            }
            askForEnds(&effects)
            noteHeldUp(&effects)
        case .available(let source, let offsets, let available): jump(source, over: offsets, available, &effects)
        case .failed:
            guard phase == .counting else { break }
            phase = .failed
            answer(&effects)
        }
        tell()
        return effects
    }

    func stop(_ effects: inout [WorkerEffect]) {
        phase = .stopped
        effects.append(.stopped)
    }

    // MARK: Messages

    /// Begins a batch whose messages name their sources by index.
    package func beginBatch(of sources: [SourcePartition]) {
        batchBegan = surroundings.now()
        batchSources = sources
        batch = sources.map { partitions[$0] }
    }

    /// Counts one message.
    ///
    /// - Parameters:
    ///   - source: its index among the batch's sources.
    ///   - message: what Kafka says of it.
    package func count(_ value: RawSpan, of source: Int, _ message: MessageTerms, now: Duration) -> MessageFate {
        guard phase == .counting, let partition = batch[source] else { return .notOwned }
        // A backlog with few records in each slice opens many windows: they go out before there are too many.
        if isOverdue, !relieve() { return .noRoom }
        let state = partition.state
        guard passBoundaries(of: partition, before: message.offset) else { return .noRoom }
        if state.hasOldReading(at: now) {
            guard hasRoom else { return .noRoom }
            flush(partition)
        }
        let heldBefore = state.heldBytes
        partition.decoder.decoder.sourceTime = message.writtenAt
        current = (partition, nil)
        let isCounted = state.count(
            value, offset: message.offset, fingerprint: message.fingerprint, clock: surroundings.clock,
            with: partition.decoder, now: now)
        current = nil
        return end(partition, heldBefore: heldBefore, isCounted: isCounted)
    }

    /// Counts some small messages of one source together, which takes less than one by one; in a run there are
    /// `MessageRows.messagesMax` at most, of `MessageRows.bytesMax` together.
    ///
    /// - Parameter messages: hands them over, in their order.
    /// - Returns: `nil` where they are to be counted one by one; none was looked at.
    package func countRun(
        of source: Int, offsets: ClosedRange<Int64>, now: Duration,
        _ messages: (_ count: (RawSpan, MessageTerms) -> Void) -> Void
    ) -> MessageFate? {
        guard phase == .counting, let partition = batch[source] else { return .notOwned }
        let state = partition.state
        if isOverdue || !state.takesRun(offsets, now: now) { return nil }
        let heldBefore = state.heldBytes
        current = (partition, nil)
        let isCounted = state.countRun(
            rows, clock: surroundings.clock, with: partition.decoder, now: now, messages)
        current = nil
        return end(partition, heldBefore: heldBefore, isCounted: isCounted)
    }

    private func end(_ partition: OwnedPartition, heldBefore: Int, isCounted: Bool) -> MessageFate {
        let state = partition.state
        heldBytes &+= state.heldBytes &- heldBefore
        if !partition.isDirty { markDirty(partition) }
        if !isCounted {
            remove(state.source)
            return .givenUp
        }
        if state.isNearlyFull || state.heldBytes > 0 && heldBytes >= terms.heldBytesMax {
            _ = relieve()
        }
        return .counted
    }

    /// All messages of a source below `offset` were handed out.
    ///
    /// - Returns: false where there is no room for a flush that has to come first; it is to be tried again.
    package func reachEnd(of source: SourcePartition, at offset: Int64) -> Bool {
        guard phase == .counting, let partition = partitions[source] else { return true }
        guard passBoundaries(of: partition, before: offset) else { return false }
        partition.state.reachEnd(at: offset)
        markDirty(partition)
        return true
    }

    /// Called inside a long message now and then: serves who asks for other partitions, flushes them when it is time.
    ///
    /// - Returns: the effects, and whether to go on with the message.
    package func lookUp(_ requests: [WorkerRequest]) -> (effects: [WorkerEffect], goesOn: Bool) {
        if let current { markDirty(current.partition) }
        let effects = step(.insideBatch(requests))
        guard var current else { return (effects, true) }
        let source = current.partition.state.source
        let now = surroundings.now()
        for request in pending {
            switch request {
            case .forget(source): return (effects, false)
            case .release(source, _), .stop: current.awaitedSince = current.awaitedSince ?? now
            default: break
            }
        }
        self.current = current
        return (effects, current.awaitedSince.map { now - $0 < WorkerDriver.messagePatience } ?? true)
    }

    // MARK: What leaves the thread

    /// - Parameter flush: for which there is room.
    func hand(_ flush: PartitionFlush) {
        totals.add(flush.statistics, topic: flush.source.topic)
        let isPushed = flushes.push(flush)
        precondition(isPushed, "who flushes looks for room first")
        hasHandedOver = true
        handedBytes &+= UInt64(flush.bytes)
    }

    /// Whether as much as was handed over once is published.
    func isPublished(_ bytes: UInt64) -> Bool { publishedBytes.value >= bytes }

    /// About what the flushes take that are not published yet.
    var bytesOnTheirWay: Int { Int(clamping: handedBytes &- publishedBytes.value) }

    func markDirty(_ partition: OwnedPartition) {
        if partition.isDirty { return }
        partition.isDirty = true
        dirty.append(partition)
    }

    /// Wakes who publishes, and shows readers what changed.
    private func tell() {
        if hasHandedOver {
            hasHandedOver = false
            bell.ring()
        }
        if dirty.isEmpty || live.shouldPostpone() { return }
        live.begin()
        for partition in dirty {
            partition.isDirty = false
            // One that went away has no register any more.
            guard let register = partition.register, partitions[partition.state.source] === partition else { continue }
            live.set(register, to: partition.state, isBeingCounted: current?.partition === partition)
        }
        live.end()
        dirty.removeAll(keepingCapacity: true)
        // What could not be shown of it is shown after the message.
        if let current { markDirty(current.partition) }
    }

    func showRegister(of state: PartitionState) -> Int? { live.add(state.source, at: state.standing.next) }

    func hideRegister(of partition: OwnedPartition) {
        if let register = partition.register { live.remove(register) }
    }
}
