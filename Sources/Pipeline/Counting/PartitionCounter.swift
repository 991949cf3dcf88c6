import Aggregation
import Auditing
import Decoding
import TelemetryModel

/// The counting stage of one source partition: takes decoded batches, and keeps the registers of every rollup and
/// objective.
///
/// One writer: the thread that owns the partition. What it holds is a function of the partition's records in their
/// order, and of nothing else, so a replay gives the same registers.
struct PartitionCounter: ~Copyable, EventConsumer {
    let plan: PipelinePlan
    private let outlet: any RecordOutlet

    /// Beside `plan.rollups` and `plan.indicatorParts`.
    let rollups: [EngineBox]
    let indicators: [EngineBox]
    /// Totals of what came too late to be counted, beside `indicators`; made when the first late event comes.
    private(set) var lateIndicators: [EngineBox] = []

    private(set) var statistics = PipelineStatistics()
    /// The latest event time of the partition.
    private(set) var watermark: Timestamp?
    /// The source of the batches that come next.
    var cursor: SourceCursor
    /// The latest event time that is believed, from the Kafka record's own time; `nil` believes all.
    var notAfter: Timestamp?

    /// The hours of event time that were counted in since they were last taken, for tracing numbers to their records.
    private var hours: [EventKind: Set<Timestamp>] = [:]
    private let lateHorizonNanoseconds: Int64
    private var auditJSON: [UInt8] = []

    init(
        plan: PipelinePlan, lateHorizonNanoseconds: Int64, tracksChanges: Bool, cursor: SourceCursor,
        outlet: any RecordOutlet
    ) {
        self.plan = plan
        self.outlet = outlet
        self.cursor = cursor
        self.lateHorizonNanoseconds = lateHorizonNanoseconds
        rollups = plan.rollups.map { EngineBox($0.plan, tracksChanges: tracksChanges) }
        indicators = plan.indicatorParts.map { EngineBox($0.plan, tracksChanges: tracksChanges) }
    }

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
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
        countLate(late, payload: payload)
        count(inTime, payload: payload)
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

    mutating func reject(_ rejection: borrowing Rejection) {
        statistics.deadLettered[rejection.reason, default: 0] += 1
        outlet.deadLetter(rejection, at: cursor.position(ofRecord: rejection.recordIndex))
    }

    mutating func countMessage(bytes: Int) {
        statistics.messages += 1
        statistics.bytes += bytes
    }

    mutating func countBytes(_ count: Int) {
        statistics.bytes += count
    }

    /// Starts another file, which has a watermark of its own.
    mutating func beginFile(named name: String) {
        cursor = .file(name: name)
        watermark = nil
    }

    /// The hours counted in since the last call, by kind.
    mutating func takeHours() -> [EventKind: Set<Timestamp>] {
        defer { hours.removeAll(keepingCapacity: true) }
        return hours
    }

    private func horizonStart(at watermark: Timestamp) -> Timestamp {
        watermark.advanced(by: -lateHorizonNanoseconds)
    }

    private mutating func count(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard let latest = batch.latest else { return }
        watermark = max(watermark ?? latest, latest)
        let kind = batch.projection.kind
        statistics.decoded[kind, default: 0] += batch.count
        if !indicators.isEmpty { noteHours(of: batch, kind) }
        for box in rollups where box.engine.plan.definition.source == kind {
            box.engine.update(batch, payload: payload)
        }
        for box in indicators where box.engine.plan.definition.source == kind {
            box.engine.update(batch, payload: payload)
        }
        if kind == .cloudTrail, let recorder = plan.auditRecorder {
            record(batch, payload: payload, with: recorder)
        }
    }

    private mutating func noteHours(of batch: borrowing EventBatch, _ kind: EventKind) {
        guard let earliest = batch.earliest, let latest = batch.latest else { return }
        let hour = 3600 * Timestamp.nanosecondsPerSecond
        let first = earliest.windowStart(length: hour)
        let last = latest.windowStart(length: hour)
        if first == last {
            hours[kind, default: []].insert(first)
            return
        }
        for row in 0..<batch.count { hours[kind, default: []].insert(batch.time(row).windowStart(length: hour)) }
    }

    private mutating func countLate(_ batch: borrowing EventBatch, payload: RawSpan) {
        guard !batch.isEmpty else { return }
        let kind = batch.projection.kind
        statistics.decoded[kind, default: 0] += batch.count
        statistics.late[kind, default: 0] += batch.count
        if lateIndicators.isEmpty { lateIndicators = plan.indicatorParts.map { EngineBox($0.plan) } }
        for box in lateIndicators where box.engine.plan.definition.source == kind {
            box.engine.update(batch, payload: payload)
        }
        // Late or not, what happened is audited.
        if kind == .cloudTrail, let recorder = plan.auditRecorder {
            record(batch, payload: payload, with: recorder)
        }
    }

    private mutating func rejectFuture(
        _ batch: borrowing EventBatch, payload: RawSpan, after limit: Timestamp
    ) {
        for row in 0..<batch.count where batch.time(row) > limit {
            let event = batch.row(row, of: payload)
            statistics.deadLettered[.fromTheFuture, default: 0] += 1
            outlet.deadLetter(
                Rejection(
                    reason: .fromTheFuture,
                    detail: "the event is dated \(event.time), later than its Kafka record allows (\(limit))",
                    recordIndex: event.record.index, byteOffset: 0, original: event.recordBytes),
                at: cursor.position(ofRecord: event.record.index))
        }
    }

    private mutating func record(_ batch: borrowing EventBatch, payload: RawSpan, with recorder: AuditRecorder) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            guard recorder.isAuditable(event) else { continue }
            auditJSON.removeAll(keepingCapacity: true)
            recorder.append(event, position: cursor.position(ofRecord: event.record.index), to: &auditJSON)
            statistics.auditRecords += 1
            outlet.audit(auditJSON)
        }
    }
}
