import Accounting
import Aggregation
import Decoding
import Planning
import Records
import TelemetryModel

/// One source partition in the hands of its worker: what it has counted since the last flush.
///
/// Belongs to the worker's thread. After a flush nothing is held but what the next records need: the watermark, the
/// identities of recent deliveries, and where the next range begins.
package final class PartitionState {
    package let source: SourcePartition
    private let terms: Terms
    private var owner: PartitionOwner
    private var sourceState: OwnedState
    private var counter: PartitionCounter
    private var nextOffset: Int64
    /// Where reading is: behind `nextOffset` while records are read back.
    package private(set) var readNext: Int64
    private var tail: RecordFingerprint?
    private var reachedEnd = false
    private var quietSince: Duration
    /// When the broker, asked for the end of the log, had no more than was read; `nil` while there may be more.
    private var endSeenAt: Duration?
    /// The trusted clock's reading by which records are judged since the last flush; `nil` before the first of them.
    private var reading: (time: Timestamp, at: Duration)?
    /// When the first message was begun that no flush covers; `nil` where there is none.
    package private(set) var unflushedSince: Duration?
    private var toldStatistics = PipelineStatistics()
    /// The newest end of a slice or a watched window that event time had come to at the last flush, or with the first records.
    private var endKnown: Timestamp?
    /// Since then event time has come to a newer one: to which, and when the record was counted that says so.
    package private(set) var passedEnd: (end: Timestamp, at: Duration)?
    private var told = ToldTerms()

    /// What partitions have in common.
    package struct Terms: Sendable {
        package let plan: PipelinePlan
        package let shards: ShardMap
        /// How far behind event time an event still counts.
        package let lateHorizonNanoseconds: Int64
        /// How long an exhausted partition waits before it stops holding time back.
        package let idleTimeoutNanoseconds: Int64
        /// How much later than the clock an event may be dated.
        package let futureToleranceNanoseconds: Int64
        /// Whether the value `records` is told of a source's state.
        package let tellsRecords: Bool
        let judgedEnds: JudgedEnds

        package init(
            plan: PipelinePlan, shards: ShardMap, lateHorizonNanoseconds: Int64, idleTimeoutNanoseconds: Int64,
            futureToleranceNanoseconds: Int64 = 300 * Timestamp.nanosecondsPerSecond,
            tellsRecords: Bool = RecordForm.isNextKnown
        ) {
            self.plan = plan
            self.shards = shards
            self.lateHorizonNanoseconds = lateHorizonNanoseconds
            self.idleTimeoutNanoseconds = idleTimeoutNanoseconds
            self.futureToleranceNanoseconds = futureToleranceNanoseconds
            self.tellsRecords = tellsRecords
            judgedEnds = JudgedEnds(plan)
        }
    }

    /// - Parameters:
    ///   - readFrom: at the owner's position, or before it where identities are read back.
    ///   - now: of a monotonic clock, as all of these.
    package init(
        _ owner: PartitionOwner, readFrom: Int64, terms: Terms, identities: DeliveredEvents?,
        sink: any RecordSink, watch: MessageWatch? = nil, now: Duration
    ) {
        self.owner = owner
        self.terms = terms
        sourceState = OwnedState(owner, tellsRecords: terms.tellsRecords)
        source = owner.source
        nextOffset = owner.position.offset
        readNext = readFrom
        tail = owner.progress.tail
        quietSince = now
        counter = PartitionCounter(
            plan: terms.plan, lateHorizonNanoseconds: terms.lateHorizonNanoseconds,
            cursor: .message(topic: owner.source.topic, partition: owner.source.partition, offset: 0), sink: sink,
            identities: identities, watermark: owner.progress.watermark, foldsGroups: false)
        if terms.plan.form.tellsArrivals { counter.tellArrivals() }
        counter.watch = watch
        endKnown = counter.watermark.flatMap(terms.judgedEnds.last)
    }

    /// Event time that was brought ahead of the clock, by a release that believed its host's, comes back to it. Before the first
    /// message.
    package func bringBackEventTime(to clock: Timestamp) {
        counter.bringBack(to: clock, ifBeyond: clock.advanced(by: terms.futureToleranceNanoseconds))
    }

    /// Where a flush has to end before anything at `offset` is counted; `nil` when there is no such place.
    package func boundary(before offset: Int64) -> Int64? {
        guard let boundary = owner.boundary, boundary.offset <= offset else { return nil }
        return boundary.offset
    }

    /// Counts one message. One from before the point where this owner goes on is only looked at for its identities.
    ///
    /// - Parameter clock: the trusted clock. It is read once for each range that a flush seals, and not where a former owner has
    ///   counted up to a boundary: then its reading stands in the update there.
    /// - Returns: false when the watch gave the message up. Then nothing that was counted since the last flush may be flushed:
    ///   the partition's next owner reads it again.
    package func count(
        _ value: RawSpan, offset: Int64, fingerprint: RecordFingerprint?, clock: () -> Timestamp,
        with decoder: DecoderBox, now: Duration
    ) -> Bool {
        let isReadingBack = offset < nextOffset
        readNext = offset + 1
        if !isReadingBack {
            if reading == nil { begin(at: owner.reading ?? clock(), now: now) }
            nextOffset = offset + 1
            tail = fingerprint
            unflushedSince = unflushedSince ?? now
        }
        let cursor = SourceCursor.message(topic: source.topic, partition: source.partition, offset: offset)
        guard counter.countMessage(value, at: cursor, isReadingBack: isReadingBack, with: decoder) else { return false }
        reachedEnd = false
        endSeenAt = nil
        quietSince = now
        return true
    }

    /// Whether messages from `offset` on may be counted as a run: none was counted before, and no flush has to come between them.
    func takesRun(_ offsets: ClosedRange<Int64>, now: Duration) -> Bool {
        offsets.lowerBound >= nextOffset && boundary(before: offsets.upperBound) == nil && !hasOldReading(at: now)
    }

    /// Counts small messages together, for which `takesRun` says so: with the same outcome as one by one.
    ///
    /// - Parameter messages: hands each over.
    /// - Returns: false when the watch gave them up, as with one.
    func countRun(
        _ rows: MessageRows, clock: () -> Timestamp, with decoder: DecoderBox, now: Duration,
        _ messages: (_ count: (RawSpan, MessageTerms) -> Void) -> Void
    ) -> Bool {
        if reading == nil { begin(at: owner.reading ?? clock(), now: now) }
        unflushedSince = unflushedSince ?? now
        counter.beginRun(rows)
        messages { value, terms in
            readNext = terms.offset + 1
            nextOffset = terms.offset + 1
            tail = terms.fingerprint
            decoder.decoder.sourceTime = terms.writtenAt
            let cursor = SourceCursor.message(topic: source.topic, partition: source.partition, offset: terms.offset)
            _ = counter.countMessage(value, at: cursor, isReadingBack: false, with: decoder)
        }
        counter.endRun()
        if counter.isGivenUp { return false }
        reachedEnd = false
        endSeenAt = nil
        quietSince = now
        return true
    }

    private func begin(at time: Timestamp, now: Duration) {
        reading = (time, now)
        counter.processedAt = time
        counter.notAfter = time.advanced(by: terms.futureToleranceNanoseconds)
    }

    /// Whether the clock was read so long ago that what comes is not to be judged by it: a flush has to come first.
    package func hasOldReading(at now: Duration) -> Bool {
        guard let reading, now - reading.at >= PartitionState.readingAgeMax else { return false }
        return owner.reading == nil
    }

    /// How long a reading of the clock holds. Flushes come every few seconds, unless the broker is away.
    private static let readingAgeMax = Duration.seconds(60)

    /// Looks whether event time has passed an end at which something is judged, since the last flush. To be called after a batch, as it costs some
    /// divisions.
    ///
    /// - Parameter now: when the batch came.
    /// - Returns: whether it has.
    package func looksPastEnds(at now: Duration) -> Bool {
        guard let time = counter.watermark, let end = terms.judgedEnds.last(through: time) else { return false }
        // Before the first record nothing is known of what ended.
        let known = endKnown ?? end
        endKnown = known
        if end > known { passedEnd = (end, passedEnd?.at ?? now) }
        return passedEnd != nil
    }

    /// Whether so much was counted since the last flush that the next one should not be waited for.
    package var isNearlyFull: Bool { counter.isNearlyFull }

    /// About what was counted since the last flush takes, in bytes.
    package var heldBytes: Int { counter.heldBytes }

    /// The latest event time.
    var eventTime: Timestamp? { counter.watermark }

    /// How many events were seen since the partition was taken, and of how many flushes have said.
    var events: (counted: Int, flushed: Int) { (counter.eventsSeen, toldStatistics.decodedTotal) }

    /// Where reading goes on, and the record before, if it is known.
    package var standing: (next: Int64, tail: RecordFingerprint?) { (nextOffset, tail) }

    /// All messages below `offset` were handed out; the last of its offsets may hold none.
    package func reachEnd(at offset: Int64) {
        reachedEnd = true
        nextOffset = max(nextOffset, min(offset, owner.boundary?.offset ?? offset))
    }

    /// Whether the broker is to be asked for the end of the log: that nothing comes does not tell whether nothing is there, or nobody
    /// answers. It is asked in time for the answer to be here when the partition becomes idle.
    package func asksForEnd(at now: Duration) -> Bool {
        reachedEnd && now - quietSince >= .nanoseconds(terms.idleTimeoutNanoseconds / 2)
    }

    /// The log ends before `offset`.
    ///
    /// - Parameter time: of the monotonic clock, when the broker was asked.
    package func seeEnd(at offset: Int64, asOf time: Duration) {
        guard reachedEnd, offset <= nextOffset, time >= quietSince else { return }
        endSeenAt = max(endSeenAt ?? time, time)
    }

    /// What was counted since the last flush; an empty range says that the partition is still there.
    ///
    /// - Parameters:
    ///   - clock: the trusted clock's time.
    ///   - sentThrough: the sequence of the last record that was sent to other topics.
    ///   - boundary: end the range no further than here, where messages beyond were not counted yet.
    ///   - forgettingGroups: keep no group's key for the next range, because there is too much.
    package func flush(
        now: Duration, clock: Timestamp, sentThrough: UInt64, upTo boundary: Int64? = nil,
        released: ReleaseToken? = nil, forgettingGroups: Bool = false
    ) -> PartitionFlush {
        let bytes = heldBytes
        // A boundary may lie on an offset without a record.
        if let boundary, boundary > nextOffset { nextOffset = boundary }
        unflushedSince = nil
        let passage = passedEnd.map { passed in
            EndPassage(
                arrivedAt: clock.advanced(by: -Int64((now - passed.at) / .nanoseconds(1))), counted: now - passed.at,
                sealedAt: now)
        }
        endKnown = passedEnd?.end ?? endKnown
        passedEnd = nil
        let known = owner.reading
        let chainEnds = owner.chainEnds(before: owner.position)
        let range = owner.seal(next: nextOffset)
        var progress = SourceProgress(watermark: counter.watermark, idleThrough: nil, tail: tail)
        progress.clock = reading?.time ?? known ?? clock
        reading = nil
        let idleTimeout = Duration.nanoseconds(terms.idleTimeoutNanoseconds)
        if let endSeenAt, now - quietSince >= idleTimeout {
            // Of what was written after the broker's answer nothing is known.
            progress.idleThrough = clock.advanced(by: -Int64(max(idleTimeout, now - endSeenAt) / .nanoseconds(1)))
        }
        let total = counter.statistics
        let statistics = total - toldStatistics
        toldStatistics = total
        sourceState.count(records: statistics.messages, to: range.to)
        return PartitionFlush(
            source: source, epoch: owner.epoch, range: range, progress: progress, state: sourceState.told,
            chainEnds: chainEnds,
            amounts: takeAmounts(forgettingGroups: forgettingGroups) { chainEnds[$0] == range.from },
            statistics: statistics, sentThrough: sentThrough, released: released, passage: passage, bytes: bytes)
    }

    /// Goes over records that the broker has no more, in flushes to be sent one after the other; what was counted before
    /// must be flushed.
    package func jump(to available: PartitionOwner.Available, sentThrough: UInt64) -> [PartitionFlush] {
        let jumps = owner.jump(to: available)
        guard let cause = jumps.first?.gap else { return [] }
        tail = nil
        reachedEnd = false
        endSeenAt = nil
        counter.goOnAfterGap(keepsWatermark: cause == .expired)
        let flushes = jumps.map { range, gap in
            sourceState.pass(range.to)
            return PartitionFlush(
                source: source, epoch: owner.epoch, range: range, gap: gap,
                progress: SourceProgress(watermark: counter.watermark), state: sourceState.told,
                chainEnds: owner.chainEnds(before: range.from),
                amounts: Array(repeating: ChangelogAmounts(), count: terms.shards.count),
                statistics: PipelineStatistics(),
                sentThrough: sentThrough, released: nil)
        }
        sourceState.goOn(at: owner.position)
        nextOffset = owner.position.offset
        return flushes
    }

    /// Takes what was counted, shard by shard.
    ///
    /// - Parameter isNews: whether a shard does not have it already, from a former owner.
    private func takeAmounts(forgettingGroups: Bool, _ isNews: (_ shard: Int) -> Bool) -> [ChangelogAmounts] {
        var amounts = Array(repeating: ChangelogAmounts(), count: terms.shards.count)
        takeObjectives(into: &amounts, isNews)
        for index in counter.rollups.indices {
            let name = counter.plan.rollups[index].plan.definition.name
            var cells: [Int: [RollupChange]] = [:]
            counter.takeRollup(index, forgettingGroups: forgettingGroups) { change in
                cells[terms.shards.shard(ofRollup: name, group: change.group), default: []].append(change)
            }
            for (shard, cells) in cells {
                amounts[shard].rollups.append(ChangelogAmounts.RollupAmounts(rollup: name, cells: cells))
            }
        }
        let traces = counter.takeHours().map { hour in
            ChangelogAmounts.Trace(
                kind: hour.kind, hour: hour.earliest, firstOffset: hour.offsets.lowerBound,
                lastOffset: hour.offsets.upperBound)
        }.sorted { ($0.hour, $0.kind.rawValue) < ($1.hour, $1.kind.rawValue) }
        if !traces.isEmpty {
            for shard in amounts.indices where !amounts[shard].objectives.isEmpty { amounts[shard].traces = traces }
        }
        return amounts
    }

    private func takeObjectives(into amounts: inout [ChangelogAmounts], _ isNews: (_ shard: Int) -> Bool) {
        let plan = counter.plan
        for counted in counter.takeObjectives().byObjective {
            let objective = counted[counted.startIndex].objective
            let shard = terms.shards.shard(ofObjective: plan.objectives[objective].name)
            amounts[shard].objectives.append(told.amounts(of: objective, in: plan, counted, isNews: isNews(shard)))
        }
    }
}
