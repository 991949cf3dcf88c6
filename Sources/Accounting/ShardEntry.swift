import TelemetryModel

/// One record of a shard's log: somebody takes a source partition over, or says what a range of it adds.
public enum ShardEntry<Amounts: Sendable>: Sendable {
    case claim(Claim)
    case update(ChangelogUpdate<Amounts>)
}

/// The sender owns the source partition from here on: what owners of smaller epochs write later is void.
public struct Claim: Hashable, Sendable {
    public let source: SourcePartition
    public let epoch: OwnerEpoch
    /// Set on a claim of another lineage than the group's generations make: the highest epoch that its sender found before
    /// the group said that it is a member. Where the chain is in a higher one the claim is void, because that owner came
    /// after the group's answer.
    public let superseded: OwnerEpoch?

    public init(source: SourcePartition, epoch: OwnerEpoch, superseded: OwnerEpoch? = nil) {
        self.source = source
        self.epoch = epoch
        self.superseded = superseded
    }
}

/// What the records of a source partition between two points add to the counts of one shard.
///
/// An update that is too large for one Kafka record comes in parts, which count when the last of them is there.
public struct ChangelogUpdate<Amounts: Sendable>: Sendable {
    public let source: SourcePartition
    public let epoch: OwnerEpoch
    /// `nil`: the first of its source; counting starts at `to`.
    public let from: SourcePoint?
    public let to: SourcePoint
    public let progress: SourceProgress
    /// Set where the records between the points could not be read.
    public let gap: SourceGapCause?
    /// From 0.
    public private(set) var part = 0
    public private(set) var parts = 1
    /// All that the source's state is at `to`; `nil` where the update does not tell it, and then it is what it was.
    public private(set) var state: SourceState?
    public let amounts: Amounts

    public init(
        source: SourcePartition, epoch: OwnerEpoch, from: SourcePoint?, to: SourcePoint, progress: SourceProgress,
        gap: SourceGapCause? = nil, amounts: Amounts
    ) {
        self.source = source
        self.epoch = epoch
        self.from = from
        self.to = to
        self.progress = progress
        self.gap = gap
        self.amounts = amounts
    }

    /// This update, telling the source's state.
    public func telling(_ state: SourceState?) -> ChangelogUpdate {
        var update = self
        update.state = state
        return update
    }

    /// This update as one of several, which together say what is between its points.
    public func asPart(_ part: Int, of parts: Int) -> ChangelogUpdate {
        var update = self
        (update.part, update.parts) = (part, parts)
        return update
    }
}

/// Why records were never read.
public enum SourceGapCause: String, Sendable, CaseIterable {
    /// The topic's retention took them.
    case expired
    /// The topic was deleted and made anew.
    case recreated
}

/// What is known of a source partition at a point, beside the counts.
public struct SourceProgress: Hashable, Sendable {
    /// The latest event time before the point.
    public var watermark: Timestamp?
    /// The partition was read to its end at this time of the broker's clock, and nothing has come since: event time need
    /// not wait for it up to here.
    public var idleThrough: Timestamp?
    /// The record before the point, to recognise a topic that was made anew.
    public var tail: RecordFingerprint?
    /// The reading of the trusted clock by which the update's records were judged: what is dated too far ahead of it is not
    /// counted. Who counts them again up to the point judges by it too. `nil` where the writer did not say.
    public var clock: Timestamp?

    public init(watermark: Timestamp? = nil, idleThrough: Timestamp? = nil, tail: RecordFingerprint? = nil) {
        self.watermark = watermark
        self.idleThrough = idleThrough
        self.tail = tail
    }

    /// How far the partition lets event time come: never ahead of the clock. A record that is dated within the tolerance takes it there
    /// as the clock comes to its date, which updates without records say too.
    var reach: Timestamp? {
        guard let latest = [watermark, idleThrough].compactMap({ $0 }).max() else { return nil }
        return clock.map { min($0, latest) } ?? latest
    }
}

/// Enough of a Kafka record to see that another one is at its offset.
public struct RecordFingerprint: Hashable, Sendable {
    public let timestampMilliseconds: Int64
    public let byteCount: Int

    public init(timestampMilliseconds: Int64, byteCount: Int) {
        self.timestampMilliseconds = timestampMilliseconds
        self.byteCount = byteCount
    }
}
