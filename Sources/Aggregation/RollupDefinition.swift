import TelemetryModel

/// A `Rollup` resource: what to count over which windows, for which groups.
public struct RollupDefinition: Sendable, Equatable {
    public var name: String
    public var source: EventKind
    /// Length of the tumbling window in nanoseconds, counted from the epoch.
    public var windowNanoseconds: Int64
    /// A filter expression over `event`; events for which it is not true are not counted.
    public var filter: String?
    public var groupBy: [FieldPath]
    public var measures: [MeasureDefinition]
    public var top: TopDefinition?
    /// Groups kept in one window; what comes after goes to the group `(other)`.
    public var groupsMax = RollupDefinition.defaultGroupsMax

    public static let defaultGroupsMax = 100_000
    /// Fields that a rollup may group by, so that whatever events hold a group fits into every record that names it: a value
    /// is kept as 1,024 bytes, which are 6,144 where JSON escapes each, so a group has 192 KiB at most. A monitor's checkpoint
    /// has it three times, in its key, its id and its value: 576 KiB of the megabyte that a topic takes.
    public static let groupColumnsMax = 32

    public init(
        name: String, source: EventKind, windowNanoseconds: Int64, filter: String? = nil, groupBy: [FieldPath] = [],
        measures: [MeasureDefinition], top: TopDefinition? = nil
    ) {
        self.name = name
        self.source = source
        self.windowNanoseconds = windowNanoseconds
        self.filter = filter
        self.groupBy = groupBy
        self.measures = measures
        self.top = top
    }
}

/// One column of a rollup.
public struct MeasureDefinition: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Events.
        case count
        case sum(FieldPath)
        case min(FieldPath)
        case max(FieldPath)
        /// Distinct values: exact up to a bound, then a HyperLogLog estimate; `exact` removes the bound.
        case distinct(FieldPath, exact: Bool)
        /// A quantile from 0 to 1, by a sketch.
        case quantile(FieldPath, Double)
    }

    public var name: String
    public var kind: Kind
    /// A filter of this measure alone, on top of the rollup's.
    public var filter: String?

    public init(name: String, kind: Kind, filter: String? = nil) {
        self.name = name
        self.kind = kind
        self.filter = filter
    }
}

/// Keeps, of each window, the groups with the largest measure; ties go to the group that sorts first as text.
public struct TopDefinition: Sendable, Equatable {
    public var by: String
    public var count: Int

    public init(by: String, count: Int) {
        self.by = by
        self.count = count
    }
}
