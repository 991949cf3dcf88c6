import Accounting
import Aggregation
import Objectives
import TelemetryModel

/// What a range of a source partition adds to the objectives and rollups of one shard.
struct RegisterAmounts: Sendable, Equatable {
    /// In the order of their names.
    var objectives: [ObjectiveAmounts] = []
    /// In the order of their names.
    var rollups: [RollupAmounts] = []
    /// Which records had events in which hour, for tracing numbers to their records.
    var traces: [Trace] = []

    struct ObjectiveAmounts: Sendable, Equatable {
        let objective: String
        /// In the order of time.
        var slices: [SliceDelta]
    }

    struct RollupAmounts: Sendable, Equatable {
        let rollup: String
        var cells: [RollupChange]
    }

    struct Trace: Sendable, Equatable {
        let kind: EventKind
        /// The minute of the earliest of them, which tells the hour.
        let hour: Timestamp
        let firstOffset: Int64
        let lastOffset: Int64
    }
}

/// Which shard an objective or a rollup's series belongs to.
struct ShardMap: Sendable {
    let count: Int

    init(count: Int) {
        precondition(count > 0, "a topic has at least one partition")
        self.count = count
    }

    func shard(ofObjective name: String) -> Int { ShardHash.shard(of: name, among: count) }

    /// A group's windows are watched together, so all cells of a series lie in one shard.
    func shard(ofRollup name: String, group: [String?]) -> Int {
        ShardHash.shard(of: RollupChange.seriesHash(rollup: name, group: group), among: count)
    }
}
