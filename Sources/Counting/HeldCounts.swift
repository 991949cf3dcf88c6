import Aggregation
import Objectives
import Planning
import TelemetryModel

/// What was taken out of a counter's engines, added up: a few words for each slice, where an engine has a window.
///
/// One owner, on one thread.
struct HeldCounts {
    /// Of one slice, as allocated in a table that is half full.
    static let sliceBytes = 250

    private struct Slice {
        var tally = SliceTally()
        var late: Int64 = 0
    }

    /// What of a slice arrived when it was over.
    private struct LaterSlice: Hashable {
        let start: Timestamp
        let arrival: Timestamp
    }

    private let parts: [PipelinePlan.IndicatorPart]
    /// By objective.
    private var slices: [Int: [Timestamp: Slice]] = [:]
    private var laterSlices: [Int: [LaterSlice: SliceTally]] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
    }

    private(set) var sliceCount = 0
    /// How many slices were taken with sums that were no whole numbers, by objective.
    private(set) var roundedSums: [Int: UInt64] = [:]

    /// Adds what one part of an objective's indicator measured.
    ///
    /// - Parameter arrival: the start of the slice in which all of it arrived, where that is another than its own.
    mutating func add(_ changes: [RollupChange], part: Int, arrival: Timestamp? = nil) {
        let (objective, roles) = (parts[part].objective, parts[part].roles)
        if let arrival {
            for change in changes {
                let slice = LaterSlice(start: change.windowStart, arrival: arrival)
                if laterSlices[objective]?[slice] == nil { sliceCount += 1 }
                for (measure, state) in change.measures.enumerated() {
                    laterSlices[objective, default: [:]][slice, default: SliceTally()].add(state, as: roles[measure])
                }
            }
            return
        }
        for change in changes {
            add(to: objective, change.windowStart) { slice in
                for (measure, state) in change.measures.enumerated() { slice.tally.add(state, as: roles[measure]) }
            }
        }
    }

    private mutating func add(to objective: Int, _ start: Timestamp, _ body: (inout Slice) -> Void) {
        if slices[objective]?[start] == nil { sliceCount += 1 }
        body(&slices[objective, default: [:]][start, default: Slice()])
    }

    /// Adds what came too late, which is told by its total alone, in the slice of `time`.
    mutating func add(late changes: [RollupChange], part: Int, noticedAt time: Timestamp) {
        var tally = SliceTally()
        for change in changes {
            for (measure, state) in change.measures.enumerated() { tally.add(state, as: parts[part].roles[measure]) }
        }
        let late = tally.lateTotal
        guard late > 0 else { return }
        let start = time.windowStart(length: parts[part].plan.definition.windowNanoseconds)
        add(to: parts[part].objective, start) { slice in
            let (sum, overflow) = slice.late.addingReportingOverflow(late)
            slice.late = overflow ? .max : sum
        }
    }

    /// What was added since the last call, in the order of objectives, time and arrival.
    mutating func takeObjectives(countsGood: [Bool]) -> [(objective: Int, deltas: [SliceDelta])] {
        defer {
            slices = [:]
            laterSlices = [:]
            sliceCount = 0
        }
        return Set(slices.keys).union(laterSlices.keys).sorted().map { objective in
            var deltas = (slices[objective] ?? [:]).sorted { $0.key < $1.key }.map { start, slice in
                slice.tally.delta(at: start, countsGood: countsGood[objective], late: slice.late)
            }
            if let later = laterSlices[objective] {
                deltas += later.map { slice, tally in
                    var delta = tally.delta(at: slice.start, countsGood: countsGood[objective], late: 0)
                    delta.arrival = slice.arrival
                    return delta
                }
                deltas.sort { ($0.start, $0.arrival ?? $0.start) < ($1.start, $1.arrival ?? $1.start) }
            }
            let rounded = deltas.count { $0.fraction != nil }
            if rounded > 0 { roundedSums[objective, default: 0] += UInt64(rounded) }
            return (objective, deltas)
        }
    }
}
