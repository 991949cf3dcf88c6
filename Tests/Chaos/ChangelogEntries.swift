import Foundation

/// Adds up the rollups of the registers' log as any reader may, from the published records and the published rules alone.
///
/// In each shard, for each source partition: a claim of a higher epoch takes over; an update under another epoch than the
/// current one does not count, nor does one that does not begin where the last one ended; one in parts counts when it is
/// whole.
struct ChangelogEntries {
    private(set) var rollups = RollupCells()
    private(set) var updates = 0
    private(set) var skipped = 0
    private(set) var states = SourceStates()

    private struct Source: Hashable {
        var shard: Int32
        var topic: String
        var partition: Int
    }

    private struct Point: Comparable {
        var incarnation: Int64
        var offset: Int64

        init?(_ json: Any?) {
            guard let json = json as? [String: Any], let offset = json["offset"] as? NSNumber else { return nil }
            self.offset = offset.int64Value
            incarnation = (json["incarnation"] as? NSNumber)?.int64Value ?? 0
        }

        static func < (left: Point, right: Point) -> Bool {
            (left.incarnation, left.offset) < (right.incarnation, right.offset)
        }
    }

    private struct Chain {
        var epoch = Int64.min
        var through: Point?
        var parts: [[String: Any]] = []
    }

    private var chains: [Source: Chain] = [:]

    init(_ records: [Cluster.Record]) throws {
        for record in records { try read(record) }
    }

    private mutating func read(_ record: Cluster.Record) throws {
        let json = try record.json()
        guard let place = json["source"] as? [String: Any], let topic = place["topic"] as? String,
            let partition = place["partition"] as? Int, let epoch = (json["epoch"] as? NSNumber)?.int64Value
        else {
            throw ChaosOptions.Problem(description: "\(record.partition)@\(record.offset) has no source or no epoch")
        }
        let source = Source(shard: record.partition.partition, topic: topic, partition: partition)
        var chain = chains[source] ?? Chain()
        defer { chains[source] = chain }
        if epoch > chain.epoch {
            chain.epoch = epoch
            chain.parts = []
        }
        guard (json["kind"] ?? json["entry"]) as? String == "update" else { return }
        updates += 1
        guard epoch == chain.epoch, let to = Point(json["to"]) else { return skipped += 1 }
        if let through = chain.through, Point(json["from"]) != through || to < through { return skipped += 1 }
        let part = json["part"] as? Int ?? 0
        if part == 0 { chain.parts = [] }
        guard part == chain.parts.count else { return skipped += 1 }
        chain.parts.append(json)
        if chain.parts.count < json["parts"] as? Int ?? 1 { return }
        let isNew = chain.through != to
        try states.take(json, of: "\(source.shard) \(topic)/\(partition)", epoch: epoch)
        if isNew { for part in chain.parts { try add(part) } }
        chain.through = to
        chain.parts = []
    }

    private mutating func add(_ update: [String: Any]) throws {
        for rollup in update["rollups"] as? [[String: Any]] ?? [] {
            guard let name = rollup["name"] as? String, let names = Resources.measures[name],
                let cells = rollup["cells"] as? [[String: Any]]
            else { throw ChaosOptions.Problem(description: "an update names a rollup that there is not") }
            for cell in cells {
                let group = (cell["group"] as? [Any] ?? []).map { $0 as? String ?? "–" }.joined(separator: ",")
                let states = cell["measures"] as? [Any] ?? []
                var measures: [String: Measure] = [:]
                for (measure, state) in zip(names, states) {
                    measures[measure.name] = Self.measure(state, measure.isLeast)
                }
                rollups.add(
                    RollupCell(rollup: name, group: group, window: cell["window"] as? String ?? ""),
                    measures.compactMapValues { $0 })
            }
        }
    }

    /// Nil for a state without a value.
    private static func measure(_ state: Any, _ isLeast: Bool) -> Measure? {
        if let count = state as? NSNumber { return .sum(count.int64Value) }
        guard let state = state as? [String: Any] else { return nil }
        if let sum = state["sum"] as? NSNumber { return .sum(sum.int64Value) }
        if let extremum = state["extremum"] as? NSNumber {
            return isLeast ? .least(extremum.int64Value) : .greatest(extremum.int64Value)
        }
        if let values = state["distinct"] as? [Any] { return .distinct(Set(values.map { "\($0)" })) }
        if let counts = state["counts"] as? [NSNumber] { return .sum(counts.reduce(0) { $0 + $1.int64Value }) }
        return nil
    }
}
