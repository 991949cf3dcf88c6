import Expressions
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
    /// Beside `parts`; each made when the first row comes.
    private var engines: [EngineBox?]
    /// By the length of slices: the start of the one in which what `engines` hold arrived.
    private var arrivals: [Int64: Timestamp] = [:]
    private var openSlices = PerKind<OpenSlices?> { _ in nil }

    /// The event times for which the latest slice of each length is the same.
    private struct OpenSlices {
        /// Where the last of these slices begins, and the first of them ends.
        let start: Int64
        let end: Int64

        init(_ time: Timestamp, _ lengths: [Int64]) {
            start = lengths.map { time.windowStart(length: $0).nanoseconds }.max() ?? time.nanoseconds
            let ends = lengths.map { length in
                let (end, overflow) = time.windowStart(length: length).nanoseconds.addingReportingOverflow(length)
                return overflow ? Int64.max : end
            }
            end = ends.min() ?? time.nanoseconds
        }

        func contains(_ time: Timestamp) -> Bool { time.nanoseconds >= start && time.nanoseconds < end }
    }

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
        engines = Array(repeating: nil, count: parts.count)
        lengths = Dictionary(grouping: parts, by: \.plan.definition.source).mapValues { parts in
            Set(parts.map(\.plan.definition.windowNanoseconds)).sorted()
        }
    }

    private(set) var heldBytes = 0

    /// For each length of slices and each row of a batch: the start of the slice in which it arrived, where its own was over. `nil` where
    /// all rows came in time.
    ///
    /// - Parameter watermark: the newest event time before the batch.
    mutating func arrivals(
        of batch: borrowing EventBatch, behind watermark: Timestamp?
    ) -> [(length: Int64, rows: [Timestamp?])]? {
        guard let earliest = batch.earliest, let latest = batch.latest else { return nil }
        let newest = max(watermark ?? latest, latest)
        let kind = batch.projection.kind
        // Nearly always the slices are those of the batch before: then nothing is looked up, and nothing divided.
        if let open = openSlices[kind], open.contains(newest), earliest.nanoseconds >= open.start { return nil }
        guard let lengths = lengths[kind] else { return nil }
        let open = OpenSlices(newest, lengths)
        openSlices[kind] = open
        if earliest.nanoseconds >= open.start { return nil }
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

    /// What is counted next arrived in the slice that starts at `arrival`; what arrived before is put aside.
    mutating func begin(_ arrival: Timestamp, _ length: Int64, into held: inout HeldCounts) {
        if arrivals[length] == arrival { return }
        gather(length, into: &held)
        arrivals[length] = arrival
    }

    /// Counts what an index found among the rows that arrived in the slice that was begun.
    mutating func count(
        _ batch: borrowing EventBatch, payload: RawSpan, from first: Int, _ match: FilterMatches.Match,
        of found: KindMatches, part: Int
    ) {
        let box = engines[part] ?? EngineBox(parts[part].plan, foldsGroups: false)
        engines[part] = box
        let before = box.engine.heldBytes
        box.engine.update(batch, payload: payload, from: first, match, of: &found.matches)
        heldBytes += box.engine.heldBytes - before
    }

    /// Puts everything aside.
    mutating func gather(into held: inout HeldCounts) {
        for length in arrivals.keys.sorted() { gather(length, into: &held) }
    }

    private mutating func gather(_ length: Int64, into held: inout HeldCounts) {
        guard let arrival = arrivals.removeValue(forKey: length) else { return }
        for part in engines.indices {
            guard let box = engines[part], box.engine.plan.definition.windowNanoseconds == length else { continue }
            let before = box.engine.heldBytes
            let changes = box.engine.takeAll()
            heldBytes += box.engine.heldBytes - before
            if !changes.isEmpty { held.add(changes, part: part, arrival: arrival) }
        }
    }
}
