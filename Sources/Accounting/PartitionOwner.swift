import TelemetryModel

/// The owner of one source partition: which offsets its updates cover, and where it goes on after another owner.
///
/// Pure: it says what to send and learns what was acknowledged. The thread around it keeps to this order, and each step
/// of it may be the last one:
///
/// 1. Claim the partition in every shard; wait for the acknowledgements.
/// 2. Read every shard back to the own claim, and `resume` with what the chains say. A chain that has a `contender`, one of
///    the same epoch included, says that another owner has followed, or that the group was deleted and counts its
///    generations anew. Only the group can tell which: unless it takes a commit under the own generation now, let go; else
///    claim again with the successor of the highest epoch that was found or claimed, `superseded` the highest that was found.
///    Without asking, an owner that was declared dead would take the partition from its follower, who would go on unaware
///    and void; and without `superseded` it would, where it is declared dead between the answer and its claim. A follower has
///    taken over in all shards when it counts, so it has an epoch above all that were found before the group named it.
/// 3. Send the `openings`; wait for the acknowledgements.
/// 4. Count records in the order of their offsets, from `position` on, never past `boundary`; now and then `seal` what was
///    counted and send it to every shard.
/// 5. When all shards have acknowledged a sealed range, and the audit records and dead letters of its records are
///    acknowledged too, commit its end.
///
/// **Invariants**, which the simulation checks each on its own:
/// - *No offset twice, none left out*: ranges sealed by one owner join, and the first begins where the shard's chain ends.
/// - *Nothing committed that is not counted*: the committed offset is never beyond the end of any shard's chain.
/// - *Cuts on boundaries*: where the former owner died between two acknowledgements, shards' chains end at different
///   points; ranges end exactly at each of them, so that a range is wholly in a chain or wholly not.
public struct PartitionOwner: Sendable {
    public let source: SourcePartition
    public let epoch: OwnerEpoch
    /// Where the next range begins.
    public private(set) var position: SourcePoint
    /// What was known at `position` when this owner took over.
    public let progress: SourceProgress
    /// What the shards knew of the source's state when this owner took over. What a value has of records from `position` on
    /// is not to be told before they are counted again.
    public let sourceStates: [SourceState]
    /// Where the shards' chains ended when this owner took over, in the shards' order.
    private let resumedAt: [SourcePoint]
    /// Ends of chains, and of updates in them, that are further than `position`, ascending.
    private var boundaries: [Boundary]

    private struct Boundary {
        let point: SourcePoint
        /// Of the clock, by the update that ends here.
        let reading: Timestamp?
    }

    /// Records that an owner has counted since the range before.
    public struct SealedRange: Hashable, Sendable {
        public let from: SourcePoint
        public let to: SourcePoint
    }

    /// What a new owner sends before it counts, to bring all shards to points from which it can read.
    public struct Opening: Hashable, Sendable {
        public let shard: Int
        public let from: SourcePoint?
        public let to: SourcePoint
        public let progress: SourceProgress
        public let gap: SourceGapCause?
    }

    /// What the broker has of the partition.
    public struct Available: Sendable {
        public var low: Int64
        public var high: Int64
        /// The record before an offset is another one than the chains remember.
        public var isForeign: Bool

        public init(low: Int64, high: Int64, isForeign: Bool = false) {
            self.low = low
            self.high = high
            self.isForeign = isForeign
        }
    }

    public struct Resumption: Sendable {
        public let owner: PartitionOwner
        public let openings: [Opening]
    }

    /// Decides where to go on.
    ///
    /// - Parameters:
    ///   - chains: what each shard says of the source, in the shards' order.
    ///   - start: where to begin when no shard has heard of the source.
    ///   - readings: by which clock updates were counted that some shard has taken in, by their ends.
    public static func resume(
        source: SourcePartition, epoch: OwnerEpoch, chains: [SourceChainState], available: Available, start: Int64,
        readings: [SourcePoint: Timestamp] = [:]
    ) -> Resumption {
        var points = chains.map(\.through)
        var openings: [Opening] = []
        func open(_ shard: Int, to point: SourcePoint, gap: SourceGapCause?) {
            if points[shard] == point { return }
            var progress = chains[shard].progress
            // No record was counted between.
            progress.clock = nil
            // A record that is not there can't be recognised again.
            if gap != nil { progress.tail = nil }
            if gap == .recreated { progress.watermark = nil }
            openings.append(
                Opening(shard: shard, from: points[shard], to: point, progress: progress, gap: gap))
            points[shard] = point
        }
        // A shard may be where others have gone on from: an owner that was followed in one shard and not yet in
        // another has counted on there, however carefully it waited for acknowledgements. So what tells the start is not
        // where a chain ends but where it began.
        func beginning(of incarnation: Int32) -> SourcePoint? {
            chains.compactMap { chain in
                guard let through = chain.through, through.incarnation == incarnation else { return nil }
                return chain.began ?? through
            }.min()
        }
        let incarnations = points.compactMap { $0?.incarnation }
        let first = incarnations.min().flatMap { beginning(of: $0) } ?? SourcePoint(offset: max(start, available.low))
        for shard in points.indices where points[shard] == nil { open(shard, to: first, gap: nil) }
        let latest = incarnations.max() ?? 0
        if let begin = beginning(of: latest) {
            for shard in points.indices where points[shard].map({ $0.incarnation < latest }) ?? false {
                open(shard, to: begin, gap: .recreated)
            }
        }
        let furthest = points.compactMap { $0 }.max() ?? first
        if furthest.offset > available.high || available.isForeign {
            let begin = SourcePoint(incarnation: latest + 1, offset: available.low)
            for shard in points.indices { open(shard, to: begin, gap: .recreated) }
        } else {
            let low = SourcePoint(incarnation: latest, offset: available.low)
            for shard in points.indices where points[shard].map({ $0 < low }) ?? false {
                open(shard, to: low, gap: .expired)
            }
        }
        let distinct = Set(points.compactMap { $0 }).sorted()
        let position = distinct.first ?? first
        var known = readings
        for chain in chains { if let end = chain.through, let clock = chain.progress.clock { known[end] = clock } }
        // Between two chains' ends lie those of single updates, each with a reading of its own.
        let end = distinct.last ?? position
        let cuts = known.keys.filter { $0 > position && $0 < end }
        let boundaries = Set(distinct.dropFirst()).union(cuts).sorted().map { Boundary(point: $0, reading: known[$0]) }
        // Where reading back began behind a shard's last update, its chain is known without its progress: the shard that
        // knows most is asked.
        let standing =
            openings.filter { $0.to == position }.map(\.progress)
            + chains.filter { $0.through == position }.map(\.progress)
        let progress = standing.max { left, right in
            guard let rightmost = right.watermark else { return false }
            return left.watermark.map { $0 < rightmost } ?? true
        }
        return Resumption(
            owner: PartitionOwner(
                source: source, epoch: epoch, position: position, progress: progress ?? SourceProgress(),
                sourceStates: chains.compactMap(\.sourceState).filter { !$0.values.isEmpty },
                resumedAt: points.map { $0 ?? first }, boundaries: boundaries),
            openings: openings)
    }

    /// Where each shard's chain ends once all ranges before `point` are in it.
    public func chainEnds(before point: SourcePoint) -> [SourcePoint] { resumedAt.map { max($0, point) } }

    /// An offset that a range must not reach over: seal there first.
    public var boundary: SourcePoint? { boundaries.first?.point }

    /// Of the clock, by who has counted up to the boundary before: what is counted up to there is judged by it again, or shards
    /// would have different counts of the same records.
    public var reading: Timestamp? { boundaries.first?.reading }

    /// Ends a range before `next`, the offset after the last record counted; empty when nothing was.
    public mutating func seal(next: Int64) -> SealedRange {
        let end = SourcePoint(incarnation: position.incarnation, offset: next)
        precondition(end >= position, "records are counted in the order of their offsets")
        precondition(boundary.map { end <= $0 } ?? true, "a range ends at a boundary")
        defer {
            position = end
            if boundary == end { boundaries.removeFirst() }
        }
        return SealedRange(from: position, to: end)
    }

    /// Goes over records that cannot be read, in ranges to be sent one after the other; like all ranges they end at
    /// boundaries, or a shard whose chain ends between them would never join. Everything before must be sealed.
    ///
    /// Empty when the broker has the position: that it was lost may be said twice, and what is counted since must not be
    /// read again as another incarnation.
    public mutating func jump(to available: Available) -> [(range: SealedRange, gap: SourceGapCause)] {
        let isRecreated = available.isForeign || position.offset > available.high
        let isExpired = available.low > position.offset && !isRecreated
        if !isExpired, !isRecreated { return [] }
        let end = SourcePoint(incarnation: position.incarnation + (isRecreated ? 1 : 0), offset: available.low)
        var ranges: [(range: SealedRange, gap: SourceGapCause)] = []
        while position < end {
            let to = min(boundary ?? end, end)
            ranges.append((SealedRange(from: position, to: to), isExpired ? .expired : .recreated))
            position = to
            if boundary == to { boundaries.removeFirst() }
        }
        return ranges
    }
}
