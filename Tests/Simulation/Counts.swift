import Objectives
import Records
import TelemetryModel

/// Whole numbers by what is counted and where in time: what the oracle compares.
struct Counts: Equatable {
    enum Kind: Int, CaseIterable {
        case callsGood, callsTotal, callsLate
        case jobsGood, jobsTotal, jobsLate
        /// Of all groups together.
        case groupsGood, groupsTotal, groupsLate
        /// Windows of the rollup's two series.
        case first, second

        /// The shard in which it is counted.
        var shard: Int {
            switch self {
            case .callsGood, .callsTotal, .callsLate, .groupsGood, .groupsTotal, .groupsLate, .first: 0
            case .jobsGood, .jobsTotal, .jobsLate, .second: 1
            }
        }
    }

    private static let slicesMax = 1 << 20
    private(set) var cells: [Int: Int64] = [:]

    var isEmpty: Bool { cells.isEmpty }

    mutating func add(_ count: Int64, _ kind: Kind, slice: Int) {
        if count == 0 { return }
        let cell = kind.rawValue * Counts.slicesMax + slice
        let sum = (cells[cell] ?? 0) + count
        cells[cell] = sum == 0 ? nil : sum
    }

    mutating func add(_ other: Counts) {
        for (cell, count) in other.cells {
            add(count, Kind(rawValue: cell / Counts.slicesMax) ?? .first, slice: cell % Counts.slicesMax)
        }
    }

    /// What is counted in a shard.
    func part(of shard: Int) -> Counts {
        var part = Counts()
        part.cells = cells.filter { Kind(rawValue: $0.key / Counts.slicesMax)?.shard == shard }
        return part
    }

    /// Without regard to time.
    var totals: [Kind: Int64] {
        var totals: [Kind: Int64] = [:]
        for (cell, count) in cells { totals[Kind(rawValue: cell / Counts.slicesMax) ?? .first, default: 0] += count }
        return totals
    }

    /// With late counts, which are shown in the slice in which they were noticed, at no place in time, and without rollups.
    var ofObjectives: Counts {
        var counts = Counts()
        for (cell, count) in cells {
            guard let kind = Kind(rawValue: cell / Counts.slicesMax), kind != .first, kind != .second else { continue }
            let isLate = [.callsLate, .jobsLate, .groupsLate].contains(kind)
            counts.add(count, kind, slice: isLate ? 0 : cell % Counts.slicesMax)
        }
        return counts
    }
}

extension Counts {
    /// What this has beyond another; below zero what the other has beyond this.
    func beyond(_ other: Counts) -> Counts {
        var rest = self
        for (cell, count) in other.cells {
            rest.add(-count, Kind(rawValue: cell / Counts.slicesMax) ?? .first, slice: cell % Counts.slicesMax)
        }
        return rest
    }
}

extension Counts: CustomStringConvertible {
    var description: String {
        let texts = cells.sorted { $0.key < $1.key }.map { cell, count in
            "\(Kind(rawValue: cell / Counts.slicesMax)!)[\(cell % Counts.slicesMax)]: \(count)"
        }
        return "{" + texts.joined(separator: ", ") + "}"
    }
}

extension Counts {
    private static func kinds(_ objective: String) -> (good: Kind, total: Kind, late: Kind) {
        switch objective {
        case Estate.calls: (.callsGood, .callsTotal, .callsLate)
        case Estate.grouped: (.groupsGood, .groupsTotal, .groupsLate)
        default: (.jobsGood, .jobsTotal, .jobsLate)
        }
    }

    private static func slice(_ time: Timestamp) -> Int { Estate.seconds(time) / Estate.sliceSeconds }

    /// What an update adds.
    mutating func add(_ amounts: ChangelogAmounts) {
        for objective in amounts.objectives {
            let kinds = Counts.kinds(objective.objective)
            for delta in objective.slices + objective.groups.flatMap(\.slices) {
                let slice = Counts.slice(delta.start)
                add(delta.good, kinds.good, slice: slice)
                add(delta.total, kinds.total, slice: slice)
                add(delta.late, kinds.late, slice: slice)
            }
        }
        for cell in amounts.rollups.flatMap(\.cells) {
            for case .count(let count) in cell.measures {
                let kind: Kind = cell.group == [Estate.names[0]] ? .first : .second
                add(Int64(count), kind, slice: Counts.slice(cell.windowStart))
            }
        }
    }

    /// What a window record holds.
    mutating func add(_ record: WindowRecord) {
        let kinds = Counts.kinds(record.terms.name)
        let first = Counts.slice(record.start)
        for (slot, counts) in record.slices.enumerated() {
            add(counts.good, kinds.good, slice: first + slot)
            add(counts.total, kinds.total, slice: first + slot)
            add(counts.late, kinds.late, slice: first + slot)
        }
    }
}
