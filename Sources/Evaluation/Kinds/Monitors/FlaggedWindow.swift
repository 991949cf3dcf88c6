import Alerting
import Signals
import Statistics

/// What comes of one window of a monitor: its alerts' changes, and which other groups were flagged with an alert that opens.
///
/// A shard's evaluator sees the groups of its shard, and so those of other shards are left out in a replay too. Complexity: O(1) for a flag.
struct FlaggedWindow {
    /// So many groups are named, the most unusual ones.
    static let namedMax = 5

    private struct Flagged {
        let group: [String?]
        let value: Double
        let score: Double

        /// By what order the groups come in changes nothing.
        func isBefore(_ other: Flagged) -> Bool {
            if score != other.score { return score > other.score }
            if value != other.value { return value > other.value }
            return group.lexicographicallyPrecedes(other.group) {
                ($0 ?? "", $0 == nil ? 0 : 1) < ($1 ?? "", $1 == nil ? 0 : 1)
            }
        }
    }

    private let columns: [String]
    /// By shard.
    private var counts: [Int32: Int64] = [:]
    /// By shard, the most unusual first: as many as are named, and one that is the alert's own.
    private var most: [Int32: [Flagged]] = [:]
    private var changes: [(transition: AlertTransition, group: [String?], shard: Int32)] = []

    init(columns: [String]) { self.columns = columns }

    mutating func add(_ observation: AnomalyObservation, of group: [String?], shard: Int32) {
        counts[shard, default: 0] += 1
        let flagged = Flagged(group: group, value: observation.value, score: observation.judgement.score)
        var list = most[shard] ?? []
        let place = list.firstIndex { flagged.isBefore($0) } ?? list.count
        if place > FlaggedWindow.namedMax { return }
        list.insert(flagged, at: place)
        if list.count > FlaggedWindow.namedMax + 1 { list.removeLast() }
        most[shard] = list
    }

    mutating func add(_ transition: AlertTransition, of group: [String?], shard: Int32) {
        changes.append((transition, group, shard))
    }

    /// The changes in their order. One that opens says how many groups were flagged in the window, and which others most, where there are others.
    var transitions: [AlertTransition] {
        changes.map { transition, group, shard in
            guard transition.alert.status == .open, let count = counts[shard], count > 1 else { return transition }
            var transition = transition
            let others = (most[shard] ?? []).filter { $0.group != group }.prefix(FlaggedWindow.namedMax)
            transition.alert.details["flagged_groups"] = .integer(count)
            transition.alert.details["flagged_with"] = .list(others.map(named))
            return transition
        }
    }

    private func named(_ flagged: Flagged) -> AlertValue {
        let group = zip(columns, flagged.group).map { ($0, $1.map(AlertValue.text) ?? .null) }
        return .object([
            "group": .object(Dictionary(group, uniquingKeysWith: { first, _ in first })),
            "value": .number(flagged.value), "score": .number(flagged.score),
        ])
    }
}
