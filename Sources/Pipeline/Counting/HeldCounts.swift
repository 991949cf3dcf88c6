import Aggregation
import Objectives
import Statistics
import TelemetryModel

/// What was taken out of a counter's engines, added up: a few words for each slice, where an engine has a window.
///
/// Memory: about 100 bytes for a slice. One owner, on one thread.
struct HeldCounts {
    /// Of one slice, as allocated in a table that is half full.
    static let sliceBytes = 200

    private struct Slice {
        var tally = SliceTally()
        var late: Int64 = 0
    }

    /// A measure of a part of an indicator in one slice.
    private struct Place: Hashable {
        let part: Int
        let measure: Int
        let start: Timestamp
    }

    private let parts: [PipelinePlan.IndicatorPart]
    /// By objective.
    private var slices: [Int: [Timestamp: Slice]] = [:]
    /// What sums are above whole numbers. Were each rounded when it is taken, the result would depend on when that is.
    private var fractions: [Place: ExactSum] = [:]
    /// How many sums were no whole numbers when they were rounded, by part.
    private(set) var roundedSums: [Int: UInt64] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
    }

    private(set) var sliceCount = 0

    /// Adds what one part of an objective's indicator measured.
    mutating func add(_ changes: [RollupChange], part: Int) {
        guard !changes.isEmpty else { return }
        let (objective, roles) = (parts[part].objective, parts[part].roles)
        let measures = parts[part].plan.definition.measures
        for change in changes {
            for (measure, state) in change.measures.enumerated() {
                let value = whole(state, at: Place(part: part, measure: measure, start: change.windowStart))
                add(to: objective, change.windowStart) { slice in
                    slice.tally.add(value, as: roles[measure], kind: measures[measure].kind)
                }
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
            for (measure, state) in change.measures.enumerated() {
                tally.add(state.total, as: parts[part].roles[measure])
            }
        }
        guard tally.total > 0 else { return }
        let start = time.windowStart(length: parts[part].plan.definition.windowNanoseconds)
        add(to: parts[part].objective, start) { $0.late += tally.total }
    }

    /// Rounds what is left of sums that are no whole numbers, to the nearest, a half up.
    mutating func round() {
        for place in fractions.keys { roundedSums[place.part, default: 0] += 1 }
        for (place, fraction) in fractions where fraction.doubleValue >= 0.5 {
            let role = parts[place.part].roles[place.measure]
            add(to: parts[place.part].objective, place.start) { $0.tally.add(.integer(1), as: role) }
        }
        fractions = [:]
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
            return (objective, deltas)
        }
    }

    /// A measure's value without its fraction, which is added to what came before.
    private mutating func whole(_ state: MeasureState, at place: Place) -> MeasureValue {
        guard case .sum(var sum?) = state, !sum.isOverflowed else { return state.total }
        if let before = fractions.removeValue(forKey: place) { sum.merge(before) }
        let (whole, fraction) = sum.parts
        if fraction != ExactSum() { fractions[place] = fraction }
        return .integer(whole)
    }
}

extension MeasureState {
    /// A count or a sum as a value; other measures make no total.
    fileprivate var total: MeasureValue {
        switch self {
        case .count(let count): .integer(Int128(count))
        case .sum(let sum?): MeasureValue(sum)
        case .sum(nil), .extremum, .distinct, .quantile: .none
        }
    }
}
