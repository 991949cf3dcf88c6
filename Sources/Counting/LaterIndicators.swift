import Planning
import TelemetryModel

/// Counts what arrived when its slice was over, by the slice in which it did.
///
/// **The grain.** Slices are judged at their ends, and some whole slices after them, so no judgement asks for more of an arrival than in
/// which slice it lies: one row for each slice and arrival however many records there are. A partition's arrivals never go back, so
/// there is one at a time for each length of slices, and what came before it is put aside.
///
/// One owner, on one thread.
struct LaterIndicators {
    private let parts: [PipelinePlan.IndicatorPart]
    /// The lengths of slices by the kind that is counted in them.
    private let lengths: [EventKind: [Int64]]
    /// Beside `parts`; made when the first row comes.
    private var engines: [EngineBox] = []
    /// By the length of slices: the start of the one in which what `engines` hold arrived.
    private var arrivals: [Int64: Timestamp] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
        lengths = Dictionary(grouping: parts, by: \.plan.definition.source).mapValues { parts in
            Set(parts.map(\.plan.definition.windowNanoseconds)).sorted()
        }
    }

    private(set) var heldBytes = 0

    /// For each length of slices and each row of a batch: the start of the slice in which it arrived, where its own was over. `nil` where
    /// all rows came in time.
    ///
    /// - Parameter watermark: the newest event time before the batch.
    func arrivals(
        of batch: borrowing EventBatch, behind watermark: Timestamp?
    ) -> [(length: Int64, rows: [Timestamp?])]? {
        guard let lengths = lengths[batch.projection.kind], let earliest = batch.earliest, let latest = batch.latest
        else { return nil }
        let newest = max(watermark ?? latest, latest)
        if lengths.allSatisfy({ earliest >= newest.windowStart(length: $0) }) { return nil }
        var isLater = false
        let arrivals = lengths.map { length in
            var (newest, open) = (watermark, watermark?.windowStart(length: length))
            let rows = (0..<batch.count).map { row in
                let time = batch.time(row)
                if newest.map({ time > $0 }) ?? true {
                    newest = time
                    if open.map({ time.nanoseconds &- $0.nanoseconds >= length }) ?? true {
                        open = time.windowStart(length: length)
                    }
                }
                guard let open, time < open else { return Timestamp?.none }
                isLater = true
                return open
            }
            return (length, rows)
        }
        return isLater ? arrivals : nil
    }

    /// Counts the rows that have an arrival.
    mutating func count(
        _ batch: borrowing EventBatch, payload: RawSpan, _ rows: [Timestamp?], _ length: Int64,
        into held: inout HeldCounts
    ) {
        if engines.isEmpty { engines = parts.map { EngineBox($0.plan) } }
        var first = 0
        while let start = rows[first...].firstIndex(where: { $0 != nil }), let arrival = rows[start] {
            // Those that arrived in this slice, up to the first that did in a later one.
            let end = rows[start...].firstIndex { $0 != nil && $0 != arrival } ?? rows.endIndex
            if arrivals[length] != arrival {
                gather(length, into: &held)
                arrivals[length] = arrival
            }
            let own = batch.copy(rows: { $0 >= start && $0 < end && rows[$0] != nil })
            for part in engines.indices where parts[part].reads(batch.projection.kind, length) {
                let before = engines[part].engine.heldBytes
                engines[part].engine.update(own, payload: payload)
                heldBytes += engines[part].engine.heldBytes - before
            }
            first = end
        }
    }

    /// Puts everything aside.
    mutating func gather(into held: inout HeldCounts) {
        for length in arrivals.keys.sorted() { gather(length, into: &held) }
    }

    private mutating func gather(_ length: Int64, into held: inout HeldCounts) {
        guard let arrival = arrivals.removeValue(forKey: length) else { return }
        for part in engines.indices where parts[part].plan.definition.windowNanoseconds == length {
            let before = engines[part].engine.heldBytes
            let changes = engines[part].engine.takeAll()
            heldBytes += engines[part].engine.heldBytes - before
            if !changes.isEmpty { held.add(changes, part: part, arrival: arrival) }
        }
    }
}

extension PipelinePlan.IndicatorPart {
    func reads(_ kind: EventKind, _ length: Int64) -> Bool {
        plan.definition.source == kind && plan.definition.windowNanoseconds == length
    }
}
