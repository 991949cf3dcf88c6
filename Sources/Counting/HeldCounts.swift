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
    /// Changes of slices, with what carries them: 120 kB.
    private static let handedAtOnce = 1_000

    private struct Slice {
        var tally = SliceTally()
        var late: Int64 = 0
    }

    /// An objective, or one of its groups.
    private struct Holder: Hashable, Comparable {
        let objective: Int
        var group: ObjectiveGroup?

        static func < (left: Holder, right: Holder) -> Bool {
            if left.objective != right.objective { return left.objective < right.objective }
            guard let group = left.group, let other = right.group else {
                return left.group == nil && right.group != nil
            }
            return group < other
        }
    }

    /// What of a slice arrived when it was over.
    private struct LaterSlice: Hashable {
        let start: Timestamp
        let arrival: Timestamp
    }

    private let parts: [PipelinePlan.IndicatorPart]
    /// Beside `parts`.
    private let objectives: [Int]
    /// Beside `parts`, of those that a table counts.
    private let countRoles: [CountRoles]

    /// What the measures of a part add to that has two at most.
    private struct CountRoles {
        var first: CompiledIndicator.Role
        var second: CompiledIndicator.Role?
    }
    private var slices: [Holder: [Timestamp: Slice]] = [:]
    private var laterSlices: [Holder: [LaterSlice: SliceTally]] = [:]

    init(_ plan: PipelinePlan) {
        parts = plan.indicatorParts
        objectives = parts.map(\.objective)
        countRoles = parts.map { CountRoles(first: $0.roles[0], second: $0.roles.count > 1 ? $0.roles[1] : nil) }
    }

    private(set) var sliceCount = 0
    /// About what is held, in bytes.
    var heldBytes: Int { sliceCount &* HeldCounts.sliceBytes &+ groupBytes }
    /// Of the values of groups.
    private var groupBytes = 0
    /// How many slices were taken with sums that were no whole numbers, by objective.
    private(set) var roundedSums: [Int: UInt64] = [:]

    /// Adds what one part of an objective's indicator measured.
    ///
    /// - Parameter arrival: the start of the slice in which all of it arrived, where that is another than its own.
    mutating func add(_ changes: [RollupChange], part: Int, arrival: Timestamp? = nil) {
        let roles = parts[part].roles
        if let arrival {
            for change in changes {
                let holder = holder(of: change, part)
                let slice = LaterSlice(start: change.windowStart, arrival: arrival)
                let isNew = HeldCounts.change(&laterSlices[holder, default: [:]], at: slice, from: SliceTally()) {
                    tally in
                    for (measure, state) in change.measures.enumerated() { tally.add(state, as: roles[measure]) }
                }
                if isNew { note(holder) }
            }
            return
        }
        for change in changes {
            add(to: holder(of: change, part), change.windowStart) { slice in
                for (measure, state) in change.measures.enumerated() { slice.tally.add(state, as: roles[measure]) }
            }
        }
    }

    private func holder(of change: RollupChange, _ part: Int) -> Holder {
        let columns = parts[part].plan.groupColumns
        let group = columns.isEmpty ? nil : ObjectiveGroup(columns: columns, values: change.group)
        return Holder(objective: parts[part].objective, group: group)
    }

    private mutating func add(to holder: Holder, _ start: Timestamp, _ body: (inout Slice) -> Void) {
        if HeldCounts.change(&slices[holder, default: [:]], at: start, from: Slice(), body) { note(holder) }
    }

    /// Changes one of a holder's slices, which are looked up once as its name is long, and says whether it is new.
    private static func change<Key: Hashable, Value>(
        _ slices: inout [Key: Value], at key: Key, from empty: Value, _ body: (inout Value) -> Void
    ) -> Bool {
        let before = slices.count
        body(&slices[key, default: empty])
        return slices.count > before
    }

    /// One slice more.
    private mutating func note(_ holder: Holder) {
        sliceCount += 1
        guard let group = holder.group else { return }
        groupBytes += group.values.reduce(64) { $0 + 16 + ($1?.utf8.count ?? 0) }
    }

    /// Adds what came too late, which is told by its total alone, in the slice of `time`.
    mutating func add(late changes: [RollupChange], part: Int, noticedAt time: Timestamp) {
        let tallies = changes.reduce(into: [Holder: SliceTally]()) { tallies, change in
            for (measure, state) in change.measures.enumerated() {
                tallies[holder(of: change, part), default: SliceTally()].add(state, as: parts[part].roles[measure])
            }
        }
        let start = time.windowStart(length: parts[part].plan.definition.windowNanoseconds)
        for (holder, tally) in tallies where tally.lateTotal > 0 {
            add(to: holder, start) { slice in
                let (sum, overflow) = slice.late.addingReportingOverflow(tally.lateTotal)
                slice.late = overflow ? .max : sum
            }
        }
    }

    /// What was added since the last call, and what a table counted, in the order of objectives, groups, time and arrival: handed over
    /// `handedAtOnce` at a time, or what an objective has more, so that a cache holds them from when they are made until they are taken in.
    mutating func takeObjectives(
        countsGood: [Bool], _ counted: SliceTable.Counted, _ handOver: ([CountedSlices]) -> Void
    ) {
        let entries = counted.entries
        defer {
            slices = [:]
            laterSlices = [:]
            (sliceCount, groupBytes) = (0, 0)
        }
        let others = (Array(slices.keys) + laterSlices.keys.filter { slices[$0] == nil }).sorted()
        var taken: [CountedSlices] = []
        var takenCount = 0
        var (place, other) = (0, 0)
        while place < entries.count || other < others.count {
            if takenCount >= HeldCounts.handedAtOnce {
                handOver(taken)
                taken.removeAll(keepingCapacity: true)
                takenCount = 0
            }
            let objective = min(
                place < entries.count ? objectives[Int(entries[place].part)] : .max,
                other < others.count ? others[other].objective : .max)
            let first = place
            while place < entries.count, objectives[Int(entries[place].part)] == objective { place += 1 }
            let own = entries[first..<place]
            let isAlone = other == others.count || others[other].objective != objective
            if isAlone, entries[first].part == entries[place - 1].part {
                let roles = countRoles[Int(entries[first].part)]
                let deltas = HeldCounts.deltas(own, counted.slices, roles, countsGood: countsGood[objective])
                taken.append(CountedSlices(objective, nil, deltas))
                takenCount += deltas.count
                continue
            }
            // What has groups is never in the table.
            for entry in own { add(entry, of: counted.slices[Int(entry.slice)]) }
            var holders = isAlone ? [Holder(objective: objective)] : []
            while other < others.count, others[other].objective == objective {
                holders.append(others[other])
                other += 1
            }
            for holder in holders {
                let deltas = takeDeltas(of: holder, countsGood: countsGood[objective])
                taken.append(CountedSlices(objective, holder.group, deltas))
                takenCount += deltas.count
            }
        }
        if !taken.isEmpty { handOver(taken) }
    }

    /// Of an objective that has one part and nothing else: its entries, those of one slice and arrival added up.
    private static func deltas(
        _ entries: ArraySlice<SliceTable.Entry>, _ slices: [SliceTable.Arrived], _ roles: CountRoles,
        countsGood: Bool
    ) -> [SliceDelta] {
        var deltas: [SliceDelta] = []
        deltas.reserveCapacity(entries.count)
        var place = entries.startIndex
        while place < entries.endIndex {
            let number = entries[place].slice
            var (first, second) = (0, 0)
            while place < entries.endIndex, entries[place].slice == number {
                first += Int(entries[place].first)
                second += Int(entries[place].second)
                place += 1
            }
            let slice = slices[Int(number)]
            var delta = SliceDelta(start: Timestamp(nanoseconds: slice.start))
            var bad = 0
            func add(_ count: Int, as role: CompiledIndicator.Role) {
                if count == 0 { return }
                switch role {
                case .good: delta.good = Int64(count)
                case .bad: bad = count
                case .total: delta.total = Int64(count)
                }
                delta.matched.insert(role.part)
            }
            add(first, as: roles.first)
            if let role = roles.second { add(second, as: role) }
            if !countsGood { delta.good = delta.total - Int64(bad) }
            if slice.arrival != SliceTable.inTime { delta.arrival = Timestamp(nanoseconds: slice.arrival) }
            deltas.append(delta)
        }
        return deltas
    }

    private mutating func add(_ entry: SliceTable.Entry, of slice: SliceTable.Arrived) {
        let part = Int(entry.part)
        var measures: [MeasureState] = [.count(UInt64(entry.first))]
        if parts[part].roles.count > 1 { measures.append(.count(UInt64(entry.second))) }
        let change = RollupChange(
            windowStart: Timestamp(nanoseconds: slice.start), group: [], measures: measures)
        let isInTime = slice.arrival == SliceTable.inTime
        add([change], part: part, arrival: isInTime ? nil : Timestamp(nanoseconds: slice.arrival))
    }

    private mutating func takeDeltas(of holder: Holder, countsGood: Bool) -> [SliceDelta] {
        // Let go of at once, as there may be many.
        var deltas = (slices.removeValue(forKey: holder) ?? [:]).sorted { $0.key < $1.key }.map { start, slice in
            slice.tally.delta(at: start, countsGood: countsGood, late: slice.late)
        }
        if let later = laterSlices.removeValue(forKey: holder) {
            deltas += later.map { slice, tally in
                var delta = tally.delta(at: slice.start, countsGood: countsGood, late: 0)
                delta.arrival = slice.arrival
                return delta
            }
            deltas.sort { ($0.start, $0.arrival ?? $0.start) < ($1.start, $1.arrival ?? $1.start) }
        }
        let rounded = deltas.count { $0.fraction != nil }
        if rounded > 0 { roundedSums[holder.objective, default: 0] += UInt64(rounded) }
        return deltas
    }
}
