import Accounting
import Aggregation
import Objectives
import TelemetryModel

/// What a range of a source partition adds to the objectives and rollups of one shard.
package struct ChangelogAmounts: Sendable, Equatable {
    /// In the order of their names.
    package var objectives: [ObjectiveAmounts] = []
    /// In the order of their names.
    package var rollups: [RollupAmounts] = []
    /// Which records had events in which hour, for tracing numbers to their records.
    package var traces: [Trace] = []

    package init(objectives: [ObjectiveAmounts] = [], rollups: [RollupAmounts] = [], traces: [Trace] = []) {
        self.objectives = objectives
        self.rollups = rollups
        self.traces = traces
    }

    package struct ObjectiveAmounts: Sendable, Equatable {
        package let objective: String
        /// By which definition they were counted; `nil` where that isn't told, as in the first form.
        package var definition: DefinitionFingerprint?
        /// What the objective promises, so that one who doesn't know it can keep its counts: told with the first counts of
        /// each hour.
        package var terms: ObjectiveTerms?
        /// In the order of time; empty where it has groups.
        package var slices: [SliceDelta]
        package var groups: [GroupAmounts]

        package init(
            objective: String, definition: DefinitionFingerprint? = nil, terms: ObjectiveTerms? = nil,
            slices: [SliceDelta] = [], groups: [GroupAmounts] = []
        ) {
            self.objective = objective
            self.definition = definition
            self.terms = terms
            self.slices = slices
            self.groups = groups
        }

        /// What was counted of one objective, or of each of its groups.
        package init(
            objective: String, definition: DefinitionFingerprint? = nil, counted: ArraySlice<CountedSlices>
        ) {
            self.init(objective: objective, definition: definition)
            for counted in counted {
                if let group = counted.group {
                    groups.append(GroupAmounts(group: group, slices: counted.deltas))
                } else if slices.isEmpty {
                    // Shared, and not copied: it is nearly always all.
                    slices = counted.deltas
                } else {
                    slices += counted.deltas
                }
            }
        }

        /// Of all its groups, where it has some.
        package var history: ObjectiveHistory { ObjectiveHistory(objective: objective, definition: definition) }
    }

    /// What one group of an objective has.
    package struct GroupAmounts: Sendable, Equatable {
        package let group: ObjectiveGroup
        /// In the order of time.
        package var slices: [SliceDelta]

        package init(group: ObjectiveGroup, slices: [SliceDelta]) {
            self.group = group
            self.slices = slices
        }

        /// Whether it has counts in the hour of event time that holds `time`.
        package func touches(hourOf time: Timestamp) -> Bool {
            let hour = time.windowStart(length: 3_600_000_000_000)
            return slices.contains { $0.start.windowStart(length: 3_600_000_000_000) == hour }
        }
    }

    package struct RollupAmounts: Sendable, Equatable {
        package let rollup: String
        package var cells: [RollupChange]

        package init(rollup: String, cells: [RollupChange]) {
            self.rollup = rollup
            self.cells = cells
        }
    }

    package struct Trace: Sendable, Equatable {
        package let kind: EventKind
        /// The minute of the earliest of them, which tells the hour.
        package let hour: Timestamp
        package let firstOffset: Int64
        package let lastOffset: Int64

        package init(kind: EventKind, hour: Timestamp, firstOffset: Int64, lastOffset: Int64) {
            self.kind = kind
            self.hour = hour
            self.firstOffset = firstOffset
            self.lastOffset = lastOffset
        }
    }
}

/// Which shard an objective or a rollup's series belongs to.
package struct ShardMap: Sendable {
    package let count: Int

    package init(count: Int) {
        precondition(count > 0, "a topic has at least one partition")
        self.count = count
    }

    package func shard(ofObjective name: String) -> Int { ShardHash.shard(of: name, among: count) }

    /// A group's windows are watched together, so all cells of a series lie in one shard.
    package func shard(ofRollup name: String, group: [String?]) -> Int {
        ShardHash.shard(of: RollupChange.seriesHash(rollup: name, group: group), among: count)
    }
}
