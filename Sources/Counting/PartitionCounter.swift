import Aggregation
import Auditing
import Decoding
import Expressions
import Objectives
import Planning
import TelemetryModel

/// The counting stage of one source partition: takes decoded batches, and keeps the registers of every rollup and
/// objective.
///
/// One writer: the thread that owns the partition. What it holds is a function of the partition's records in their
/// order, and of nothing else, so a replay gives the same registers.
package struct PartitionCounter: ~Copyable, EventConsumer {
    package let plan: PipelinePlan
    private let sink: any RecordSink

    /// Beside `plan.rollups`.
    package let rollups: [EngineBox]
    private var indicators: IndicatorCounts
    /// What the plan's filters find in a batch, by its kind.
    private let found: PerKind<KindMatches?>
    /// The watermark after the batch in which the last late event came.
    private var lateNoticedAt: Timestamp?

    /// What was taken out of indicators' engines and is not handed over.
    private var held: HeldCounts
    /// Whether so much was counted that it is time to take it all, the cells of rollups too, which go with the objectives.
    package private(set) var isNearlyFull = false
    /// About what is counted and not taken, in bytes: of all objectives and rollups together.
    package private(set) var heldBytes = 0
    /// Of it the rollups' part.
    package private(set) var rollupBytes = 0
    private let bounds: HeldBounds

    var seen = PipelineStatistics()
    private var decoded = PerKind<Int> { _ in 0 }
    /// The latest event time of the partition.
    package private(set) var watermark: Timestamp?
    /// The latest event times of all that was counted, whatever partition or file it is of.
    package private(set) var newest = PerKind<Timestamp?> { _ in nil }
    /// The source of the batches that come next.
    package var cursor: SourceCursor
    /// The latest event time that is believed: the clock's and some tolerance, whatever a Kafka record says of its own time;
    /// `nil` believes all.
    package var notAfter: Timestamp?
    /// What audit records say of when their events were taken in; `nil` says nothing.
    package var processedAt: Timestamp?
    /// What was delivered before, to leave out what is delivered again; `nil` counts every delivery.
    private var identities: DeliveredEvents?
    /// The records of the batch at hand that came under an identity of others: they are audited whatever the policy.
    private var conflicting: Set<Int> = []
    /// While set, records were counted before: only their identities are taken in.
    package var isReadingBack = false

    /// What waits to be counted together; `nil` while each message is counted by itself.
    var rows: MessageRows?
    private var hours = CountedHours()
    /// How far behind event time an event still counts; `nil` calls nothing late.
    private let lateHorizonNanoseconds: Int64?
    private var auditJSON: [UInt8] = []
    /// Of the Kafka message at hand; files have no bound on dead letters.
    private var rejections = MessageRejections()
    /// Asked inside long messages whether to go on; `nil` always goes on.
    package var watch: MessageWatch?
    /// The message at hand is given up: what was counted of it and of those before it since the last flush is void.
    package private(set) var isGivenUp = false

    /// - Parameter foldsGroups: false where the rollups' windows are added up, and folded, by somebody else.
    package init(
        plan: PipelinePlan, lateHorizonNanoseconds: Int64?, cursor: SourceCursor,
        sink: any RecordSink, identities: DeliveredEvents? = nil, watermark: Timestamp? = nil, foldsGroups: Bool = true
    ) {
        self.plan = plan
        held = HeldCounts(plan)
        bounds = HeldBounds(engines: plan.rollups.count + plan.indicatorParts.count)
        self.identities = identities
        self.watermark = watermark
        self.sink = sink
        self.cursor = cursor
        self.lateHorizonNanoseconds = lateHorizonNanoseconds
        rollups = plan.rollups.map { EngineBox($0.plan, foldsGroups: foldsGroups) }
        indicators = IndicatorCounts(plan)
        found = PerKind { plan.filters[$0].map(KindMatches.init) }
    }

    /// Counts say from now on when what came behind its slice's end arrived.
    package mutating func tellArrivals() { indicators.tellArrivals(plan) }

    package var wantsMore: Bool { !isGivenUp }
    package var wantsDetails: Bool { !cursor.isMessage || rejections.hasRoom }

    package mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        if gather(batch, payload) { return }
        countRows(batch, payload: payload)
    }

    mutating func countRows(_ batch: borrowing EventBatch, payload: RawSpan) {
        noteWork(of: batch.count &* (1 &+ rollups.count &+ plan.indicatorParts.count))
        if isGivenUp { return }
        let repeated = takeIdentities(of: batch, payload: payload)
        if isReadingBack { return }
        if repeated.isEmpty { return judge(batch, payload: payload) }
        seen.duplicates += repeated.count
        decoded[batch.projection.kind] += repeated.count
        judge(batch.copy(rows: { !repeated.contains($0) }), payload: payload)
    }

    /// The rows whose event was delivered before.
    private mutating func takeIdentities(of batch: borrowing EventBatch, payload: RawSpan) -> Set<Int> {
        var repeated: Set<Int> = []
        if !conflicting.isEmpty { conflicting.removeAll(keepingCapacity: true) }
        guard identities != nil, batch.projection.kind == .cloudTrail, let slot = plan.identitySlot else {
            return repeated
        }
        let facts = EventFacts(slots: plan.factSlots)
        let later = identities?.take(batch, payload: payload, identityAt: slot, facts: facts, at: cursor) ?? []
        for (row, delivery) in later {
            if delivery == .repeated {
                repeated.insert(row)
            } else if !isReadingBack {
                noteConflict(of: batch.row(row, of: payload))
            }
        }
        seen.evictedIdentities = identities?.evictions ?? 0
        return repeated
    }

    private mutating func noteConflict(of event: borrowing EventView) {
        seen.conflicts += 1
        conflicting.insert(event.record.index)
    }

    private mutating func judge(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard let earliest = batch.earliest, let latest = batch.latest else { return }
        let limit = notAfter ?? Timestamp(nanoseconds: .max)
        if latest <= limit, earliest >= horizonStart(at: max(watermark ?? latest, latest)) {
            count(batch, payload: payload)
            return
        }
        // Rare: some row is dated in the future, or may be older than the horizon. Each row's verdict follows from the
        // rows before it, wherever batches happen to end.
        if latest > limit { rejectFuture(batch, payload: payload, after: limit) }
        let late = rows(of: batch, late: true, limit)
        let inTime = rows(of: batch, late: false, limit)
        count(inTime, payload: payload)
        countLate(late, payload: payload)
    }

    private func rows(of batch: borrowing EventBatch, late: Bool, _ limit: Timestamp) -> EventBatch {
        var running = watermark
        return batch.copy { time in
            if time > limit { return false }
            let isLate = running.map { time < horizonStart(at: $0) } ?? false
            running = max(running ?? time, time)
            return isLate == late
        }
    }

    package mutating func reject(_ rejection: borrowing Rejection) {
        noteWork(of: 0)
        if isReadingBack || isGivenUp { return }
        deadLetter(rejection)
    }

    private mutating func deadLetter(_ rejection: borrowing Rejection) {
        let begins = rejection.part.beginsRecord
        // Of a message the first part is kept: the message itself is where it came from.
        if cursor.isMessage, !begins || !rejections.admit(rejection.reason, record: rejection.recordIndex) { return }
        if begins { seen.deadLettered[rejection.reason, default: 0] += 1 }
        sink.deadLetter(rejection, at: cursor.position(ofRecord: rejection.recordIndex))
    }

    @inline(__always)
    private mutating func noteWork(of units: Int) {
        guard let watch, !isGivenUp else { return }
        if !watch.goesOn(after: units &+ MessageWatch.unitsOfCall) { isGivenUp = true }
    }

    /// Ends a Kafka message: the records that have no dead letter of their own share one, with the message's bytes.
    package mutating func endMessage(_ message: RawSpan) {
        guard !isGivenUp, let rest = rejections.takeRest() else { return }
        seen.deadLettered.merge(rest.counts, uniquingKeysWith: +)
        sink.deadLetter(rest, of: message, at: cursor.position(ofRecord: rest.first))
    }

    package mutating func note(_ outcome: CumulativeOutcome, metric: RawSpan) {
        if isReadingBack || isGivenUp { return }
        // What happens to a metric that nothing counts changes nothing.
        guard let name = plan.metricNames.name(metric) else { return }
        seen.cumulative[outcome, default: 0] += 1
        if outcome == .refused { seen.refusedPoints[name, default: 0] += 1 }
    }

    package mutating func countBytes(_ count: Int) {
        seen.bytes += count
    }

    /// Starts another file, which has a watermark of its own.
    package mutating func beginFile(named name: String) {
        cursor = .file(name: name)
        watermark = nil
    }

    mutating func bringBack(to time: Timestamp, ifBeyond limit: Timestamp) {
        if let watermark, watermark > limit { self.watermark = time }
    }

    /// Records were lost: what comes is compared with none of before, as a successor that reads back would do. In a topic made
    /// anew event time begins anew too.
    package mutating func goOnAfterGap(keepsWatermark: Bool) {
        identities?.removeAll()
        if !keepsWatermark { watermark = nil }
    }

    /// The hours counted in since the last call.
    package mutating func takeHours() -> [CountedHours.Hour] {
        hours.take()
    }

    func horizonStart(at watermark: Timestamp) -> Timestamp {
        lateHorizonNanoseconds.map { watermark.advanced(by: -$0) } ?? Timestamp(nanoseconds: .min)
    }

    private mutating func count(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard let latest = batch.latest else { return }
        let before = watermark
        watermark = max(before ?? latest, latest)
        let kind = batch.projection.kind
        newest[kind] = max(newest[kind] ?? latest, latest)
        decoded[kind] += batch.count
        if !indicators.isEmpty { hours.note(batch, payload: payload, at: cursor) }
        if let found = found[kind] {
            // Nearly always all is in order.
            let arrivals = indicators.arrivals(of: batch, behind: before)
            for first in stride(from: 0, to: batch.count, by: RowMask.rowsMax) {
                found.matches.take(batch, payload, from: first)
                countInRollups(batch, payload: payload, from: first, found)
                indicators.count(batch, payload: payload, from: first, found, arrivals, into: &held)
            }
        }
        noteHeld()
        if kind == .cloudTrail, let policy = plan.auditPolicy { record(batch, payload: payload, by: policy) }
    }

    private func countInRollups(
        _ batch: borrowing EventBatch, payload: RawSpan, from first: Int, _ found: KindMatches
    ) {
        if rollups.isEmpty { return }
        for number in 0..<found.matches.count {
            let match = found.matches[number]
            for place in found.plan.targets.places(of: match.selector) {
                let target = found.plan.targets.elements[place]
                guard target.isRollup else { continue }
                rollups[Int(target.place)].engine.update(
                    batch, payload: payload, from: first, match, of: &found.matches)
            }
        }
    }

    private mutating func noteHeld() {
        rollupBytes = 0
        for box in rollups {
            if box.engine.windowCount >= PartitionCounter.openWindowsMax { isNearlyFull = true }
            rollupBytes &+= box.engine.heldBytes
        }
        if indicators.windowBytes >= bounds.indicatorBytesMax {
            isNearlyFull = true
            // A long message, or a long history in files: a slice that is held takes less than an open window.
            gatherObjectives()
        }
        let inTable = indicators.tableBytes
        if inTable >= bounds.indicatorBytesMax { isNearlyFull = true }
        heldBytes = rollupBytes &+ indicators.windowBytes &+ inTable &+ held.heldBytes
        if heldBytes >= bounds.bytesMax { isNearlyFull = true }
    }

    private mutating func countLate(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard !batch.isEmpty else { return }
        let kind = batch.projection.kind
        decoded[kind] += batch.count
        seen.late[kind, default: 0] += batch.count
        lateNoticedAt = watermark
        if let found = found[kind] {
            for first in stride(from: 0, to: batch.count, by: RowMask.rowsMax) {
                found.matches.take(batch, payload, from: first)
                indicators.countLate(batch, payload: payload, from: first, found)
            }
        }
        // Late or not, what happened is audited.
        if kind == .cloudTrail, let policy = plan.auditPolicy { record(batch, payload: payload, by: policy) }
    }

    private mutating func rejectFuture(
        _ batch: borrowing EventBatch, payload: RawSpan, after limit: Timestamp
    ) {
        for row in 0..<batch.count where batch.time(row) > limit {
            let event = batch.row(row, of: payload)
            deadLetter(
                Rejection(
                    reason: .fromTheFuture,
                    detail: wantsDetails
                        ? "the event is dated \(event.time), later than the clock allows (\(limit))" : "",
                    recordIndex: event.record.index, byteOffset: 0, original: event.recordBytes))
        }
    }

    private mutating func record(_ batch: borrowing EventBatch, payload: RawSpan, by policy: AuditPolicy) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            // An event that another one stands beside under its identity is evidence, whatever the policy.
            let isEvidence = !conflicting.isEmpty && conflicting.contains(event.record.index)
            switch isEvidence ? .recorded : policy.decision(on: event) {
            case .recorded: break
            case .passedOver: continue
            case .undecided:
                seen.auditUndecided += 1
                continue
            }
            auditJSON.removeAll(keepingCapacity: true)
            let position = cursor.position(ofRecord: event.record.index)
            let wasCut = policy.recorder.append(event, position: position, processedAt: processedAt, to: &auditJSON)
            seen.auditRecords += 1
            if wasCut { seen.auditRecordsTruncated += 1 }
            sink.audit(auditJSON, at: position)
        }
    }
}

// MARK: Handing over

extension PartitionCounter {
    /// Open windows of one rollup, or slices of objectives, from which on what was counted is better handed over than kept: a
    /// week of minutes. Nothing is lost beyond it.
    static let openWindowsMax = 10_080

    package var bytesSeen: Int { seen.bytes }

    var eventsSeen: Int { EventKind.allCases.reduce(0) { $0 + decoded[$1] } }

    /// What was seen and counted, and what engines had to fold or could not read.
    package var statistics: PipelineStatistics {
        var statistics = seen
        for kind in EventKind.allCases where decoded[kind] > 0 { statistics.decoded[kind] = decoded[kind] }
        for box in rollups { statistics.note(box.engine.counters, of: box.engine.plan.definition.name) }
        indicators.note(in: &statistics)
        for (objective, count) in held.roundedSums {
            var counters = RollupCounters()
            counters.roundedSums = count
            statistics.note(counters, of: plan.objectives[objective].name)
        }
        return statistics
    }

    /// Whether so many slices of objectives were counted that it is time to take them, some objectives at a time.
    package var hasManySlices: Bool {
        held.sliceCount >= PartitionCounter.openWindowsMax
            || indicators.windowBytes &+ held.heldBytes &+ indicators.tableOwnBytes >= bounds.slicesBytesMax
    }

    /// What was counted for each objective since the last call, slice by slice, in the order of objectives, groups and time.
    package mutating func takeObjectives() -> [CountedSlices] {
        var taken: [CountedSlices] = []
        takeObjectives { taken += $0 }
        return taken
    }

    /// The same for a caller that adds it up at once, some objectives at a time.
    package mutating func takeObjectives(_ handOver: ([CountedSlices]) -> Void) {
        isNearlyFull = false
        gatherObjectives()
        heldBytes = rollupBytes
        held.takeObjectives(countsGood: plan.countsGood, indicators.takeTable(), handOver)
    }

    /// What was counted for a rollup since the last call.
    ///
    /// - Parameter forgettingGroups: keep no group's key for the next events, because there is too much.
    package mutating func takeRollup<Failure: Error>(
        _ index: Int, forgettingGroups: Bool, _ body: (RollupChange) throws(Failure) -> Void
    ) throws(Failure) {
        let before = rollups[index].engine.heldBytes
        try rollups[index].engine.takeAll(forgettingGroups: forgettingGroups, body)
        let freed = before - rollups[index].engine.heldBytes
        rollupBytes -= freed
        heldBytes -= freed
    }

    /// What rollups take by the sizes of their tables, in bytes. Looks at each open window.
    package var rollupTableBytes: Int { rollups.reduce(0) { $0 + $1.engine.tableBytes } }

    private mutating func gatherObjectives() {
        // What came too late is shown in the slice of the watermark when it came, which is still open.
        indicators.gather(into: &held, lateNoticedAt: lateNoticedAt)
    }
}
