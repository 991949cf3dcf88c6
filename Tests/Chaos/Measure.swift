/// A measure of a rollup in one window of one group.
enum Measure: Equatable {
    /// A count, a sum, or how many values a quantile is of.
    case sum(Int64)
    case least(Int64)
    case greatest(Int64)
    case distinct(Set<String>)

    mutating func merge(_ other: Measure) {
        switch (self, other) {
        case (.sum(let one), .sum(let two)): self = .sum(one + two)
        case (.least(let one), .least(let two)): self = .least(min(one, two))
        case (.greatest(let one), .greatest(let two)): self = .greatest(max(one, two))
        case (.distinct(let one), .distinct(let two)): self = .distinct(one.union(two))
        default: preconditionFailure("a measure is of one kind")
        }
    }
}

/// One window of one group of a rollup.
struct RollupCell: Hashable, CustomStringConvertible {
    var rollup: String
    var group: String
    /// Its start, RFC 3339.
    var window: String

    var description: String { "\(rollup){\(group)} at \(window)" }
}

/// All cells of all rollups.
struct RollupCells: Equatable {
    private(set) var cells: [RollupCell: [String: Measure]] = [:]

    mutating func add(_ cell: RollupCell, _ measures: [String: Measure]) {
        cells[cell, default: [:]].merge(measures) { one, two in
            var merged = one
            merged.merge(two)
            return merged
        }
    }

    /// Where these are not as they should be, a sentence for each cell.
    func differences(from expected: RollupCells) -> [String] {
        let all = Set(cells.keys).union(expected.cells.keys)
        return all.filter { cells[$0] != expected.cells[$0] }.map { cell in
            "\(cell) is \(cells[cell].map { "\($0)" } ?? "missing"), and should be "
                + "\(expected.cells[cell].map { "\($0)" } ?? "nothing")"
        }.sorted()
    }
}
