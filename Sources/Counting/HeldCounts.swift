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
    /// Beside `parts`.
    private let objectives: [Int]
    /// By objective.
    private var slices: [Int: [Timestamp: Slice]] = [:]
    private var laterSlices: [Int: [LaterSlice: SliceTally]] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
        objectives = parts.map(\.objective)
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

    /// What was added since the last call, and what a table counted, in the order of objectives, time and arrival.
    ///
    /// - Parameter entries: in the order of parts.
    mutating func takeObjectives(
        countsGood: [Bool], entries: [SliceTable.Entry]
    ) -> [(objective: Int, deltas: [SliceDelta])] {
        defer {
            slices = [:]
            laterSlices = [:]
            sliceCount = 0
        }
        let others = Set(slices.keys).union(laterSlices.keys).sorted()
        var taken: [(objective: Int, deltas: [SliceDelta])] = []
        var (place, other) = (0, 0)
        while place < entries.count || other < others.count {
            let objective = min(
                place < entries.count ? objectives[Int(entries[place].part)] : .max,
                other < others.count ? others[other] : .max)
            let first = place
            while place < entries.count, objectives[Int(entries[place].part)] == objective { place += 1 }
            let isAlone = other == others.count || others[other] != objective
            if !isAlone { other += 1 }
            let own = entries[first..<place]
            if isAlone, entries[first].part == entries[place - 1].part {
                let roles = parts[Int(entries[first].part)].roles
                taken.append((objective, HeldCounts.deltas(own, roles, countsGood: countsGood[objective])))
            } else {
                for entry in own { add(entry) }
                taken.append((objective, takeDeltas(of: objective, countsGood: countsGood[objective])))
            }
        }
        return taken
    }

    /// Of an objective that has one part and nothing else: its entries, those of one slice and arrival added up.
    private static func deltas(
        _ entries: ArraySlice<SliceTable.Entry>, _ roles: [CompiledIndicator.Role], countsGood: Bool
    ) -> [SliceDelta] {
        let sorted = entries.sorted { ($0.start, $0.order) < ($1.start, $1.order) }
        var deltas: [SliceDelta] = []
        deltas.reserveCapacity(sorted.count)
        var place = 0
        while place < sorted.count {
            let entry = sorted[place]
            var (first, second) = (0, 0)
            while place < sorted.count, sorted[place].start == entry.start, sorted[place].arrival == entry.arrival {
                first += Int(sorted[place].first)
                second += Int(sorted[place].second)
                place += 1
            }
            var delta = SliceDelta(start: Timestamp(nanoseconds: entry.start))
            var bad = 0
            for (count, role) in zip([first, second], roles) where count > 0 {
                switch role {
                case .good: delta.good = Int64(count)
                case .bad: bad = count
                case .total: delta.total = Int64(count)
                }
                delta.matched.insert(role.part)
            }
            if !countsGood { delta.good = delta.total - Int64(bad) }
            if entry.arrival != SliceTable.inTime { delta.arrival = Timestamp(nanoseconds: entry.arrival) }
            deltas.append(delta)
        }
        return deltas
    }

    private mutating func add(_ entry: SliceTable.Entry) {
        let part = Int(entry.part)
        var measures: [MeasureState] = [.count(UInt64(entry.first))]
        if parts[part].roles.count > 1 { measures.append(.count(UInt64(entry.second))) }
        let change = RollupChange(
            windowStart: Timestamp(nanoseconds: entry.start), group: [], measures: measures)
        let isInTime = entry.arrival == SliceTable.inTime
        add([change], part: part, arrival: isInTime ? nil : Timestamp(nanoseconds: entry.arrival))
    }

    private mutating func takeDeltas(of objective: Int, countsGood: Bool) -> [SliceDelta] {
        var deltas = (slices[objective] ?? [:]).sorted { $0.key < $1.key }.map { start, slice in
            slice.tally.delta(at: start, countsGood: countsGood, late: slice.late)
        }
        if let later = laterSlices[objective] {
            deltas += later.map { slice, tally in
                var delta = tally.delta(at: slice.start, countsGood: countsGood, late: 0)
                delta.arrival = slice.arrival
                return delta
            }
            deltas.sort { ($0.start, $0.arrival ?? $0.start) < ($1.start, $1.arrival ?? $1.start) }
        }
        let rounded = deltas.count { $0.fraction != nil }
        if rounded > 0 { roundedSums[objective, default: 0] += UInt64(rounded) }
        return deltas
    }
}

extension SliceTable.Entry {
    /// By which those of one slice are ordered: what arrived in time comes first.
    fileprivate var order: Int64 { arrival == SliceTable.inTime ? start : arrival }
}
