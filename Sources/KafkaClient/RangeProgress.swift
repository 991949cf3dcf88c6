/// A piece of a partition to be read once, without a group.
public struct PartitionRange: Hashable, Sendable {
    public var partition: TopicPartition
    /// `.beginning`, `.end` or an offset; there is no group whose committed offset could be meant.
    public var start: StartPosition
    /// The offset before which reading ends; nil is the end that the partition has when reading starts. Where the partition
    /// is not that long yet, reading says so once, and waits for it to be.
    public var upTo: Int64?

    public init(_ partition: TopicPartition, from start: StartPosition, upTo: Int64? = nil) {
        precondition(start != .committed, "a range has no committed offset to start at")
        self.partition = partition
        self.start = start
        self.upTo = upTo
    }
}

/// What comes of a range besides its messages.
public enum RangeEvent: Sendable, Hashable {
    /// Every message of the range was handed out; the offset is where the range ends. Said once for each range.
    case done(PartitionOffset)
    /// The partition was read to its end, which is before the range's. Reading waits for more.
    case waiting(PartitionOffset)
    /// The offset that was to be read next is not among those that the broker has, `low..<high`; none was skipped unsaid.
    /// Below them, records are gone and reading goes on at `low`. Above them, the topic was made anew or lost its end,
    /// and the range is given up: nothing of it is handed out, and no `done` follows.
    case outOfRange(TopicPartition, wanted: Int64, low: Int64, high: Int64)
}

/// How far the ranges of a reader are: which message is still wanted, and when a range is done.
///
/// The last offsets of a range may hold no message (a transaction's control record, what compaction took away). So a range
/// is also done when a message beyond it comes, or when the partition was read to an end at or after the range's.
///
/// Where a partition ends is asked for before it is read (ListOffsets), and answers to fetches say it again, as the high
/// watermark. The later of both counts: a broker that gives too early an end when asked (tansu 0.6.0 gives the one after the
/// first record of the last batch) must not hide records. So a range to the end is not done before a fetch was answered,
/// and a position beyond the end is lost only when a fetch says so.
struct RangeProgress {
    private struct Range {
        var next: Int64
        var upTo: Int64
        /// The end of the partition at or after which nothing more has to come. Before `upTo` where that is a high watermark
        /// behind which a transaction is open.
        var enough: Int64
        /// False for a range to the partition's end, until a fetch was answered.
        var isEndKnown: Bool
    }

    private var open: [TopicPartition: Range] = [:]
    private var events: [RangeEvent] = []

    var isDone: Bool { open.isEmpty }

    /// Where each range that is still open goes on, in order of partition.
    var positions: [PartitionOffset] {
        open.map { PartitionOffset($0.key, offset: $0.value.next) }.sorted { $0.partition < $1.partition }
    }

    /// The events since the last call, in order.
    mutating func takeEvents() -> [RangeEvent] {
        defer { events = [] }
        return events
    }

    /// - Parameters:
    ///   - low: the first offset that the broker says it has.
    ///   - high: the offset after its last, by its word.
    mutating func begin(_ range: PartitionRange, low: Int64, high: Int64) {
        let next =
            switch range.start {
            case .offset(let offset): offset
            case .end: high
            case .beginning, .committed: low
            }
        let upTo = range.upTo ?? max(high, next)
        let isEndKnown = range.upTo != nil
        begin(range.partition, Range(next: next, upTo: upTo, enough: upTo, isEndKnown: isEndKnown), low, high)
    }

    /// Goes on with a range whose position the broker has no more, as a fetch has said.
    ///
    /// - Returns: whether it is still open.
    mutating func reposition(_ partition: TopicPartition, low: Int64, high: Int64) -> Bool {
        guard let range = open.removeValue(forKey: partition) else { return false }
        if range.next > high {
            events.append(.outOfRange(partition, wanted: range.next, low: low, high: high))
            return false
        }
        begin(partition, range, low, high)
        return open[partition] != nil
    }

    private mutating func begin(_ partition: TopicPartition, _ range: Range, _ low: Int64, _ high: Int64) {
        if range.next < low { events.append(.outOfRange(partition, wanted: range.next, low: low, high: high)) }
        var range = range
        range.next = max(range.next, low)
        open[partition] = range
        finishIfReached(partition)
    }

    /// Whether the message at `offset` is to be handed out; it counts as handed out then.
    ///
    /// - Parameter highWatermark: of the latest fetch's answer.
    mutating func admits(
        _ partition: TopicPartition, offset: Int64, highWatermark: @autoclosure () -> Int64
    ) -> Bool {
        guard var range = open[partition], offset >= range.next else { return false }
        if !range.isEndKnown {
            range.upTo = max(range.upTo, highWatermark())
            range.isEndKnown = true
        }
        guard offset < range.upTo else {
            finish(partition, at: range.upTo)
            return false
        }
        range.next = offset + 1
        open[partition] = range
        return true
    }

    /// The partition was read to its end, before `end`.
    mutating func reachedEnd(_ partition: TopicPartition, _ end: Int64) {
        guard var range = open[partition] else { return }
        range.next = max(range.next, end)
        if range.next >= range.enough { return finish(partition, at: min(range.next, range.upTo)) }
        open[partition] = range
        events.append(.waiting(PartitionOffset(partition, offset: end)))
    }

    /// To be called once a message that was admitted has been handed out.
    mutating func finishIfReached(_ partition: TopicPartition) {
        if let range = open[partition], range.isEndKnown, range.next >= range.upTo { finish(partition, at: range.upTo) }
    }

    private mutating func finish(_ partition: TopicPartition, at end: Int64) {
        open[partition] = nil
        events.append(.done(PartitionOffset(partition, offset: end)))
    }
}
