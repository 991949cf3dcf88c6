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

    private let parts: [PipelinePlan.IndicatorPart]
    /// By objective.
    private var slices: [Int: [Timestamp: Slice]] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
    }

    private(set) var sliceCount = 0
    /// How many slices were taken with sums that were no whole numbers, by objective.
    private(set) var roundedSums: [Int: UInt64] = [:]

    /// Adds what one part of an objective's indicator measured.
    mutating func add(_ changes: [RollupChange], part: Int) {
        let (objective, roles) = (parts[part].objective, parts[part].roles)
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

    /// What was added since the last call, in the order of objectives and time.
    mutating func takeObjectives(countsGood: [Bool]) -> [(objective: Int, deltas: [SliceDelta])] {
        defer {
            slices = [:]
            sliceCount = 0
        }
        return slices.sorted { $0.key < $1.key }.map { objective, slices in
            let deltas = slices.sorted { $0.key < $1.key }.map { start, slice in
                slice.tally.delta(at: start, countsGood: countsGood[objective], late: slice.late)
            }
            let rounded = deltas.count { $0.fraction != nil }
            if rounded > 0 { roundedSums[objective, default: 0] += UInt64(rounded) }
            return (objective, deltas)
        }
    }
}
