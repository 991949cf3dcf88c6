import TelemetryModel

extension ServiceLevelObjective {
    /// Groups that are kept apart where nothing is said.
    public static let defaultGroupsMax = 10_000

    /// Fields that it may have groups by: each value is kept as 1,024 bytes, which are 6,144 where JSON escapes each, and stands in the key and in
    /// the value of each record of a group.
    public static let groupColumnsMax = 8

    /// The fields by which it is an objective for each group; empty where it is one for all.
    public var groupBy: [FieldPath] { indicator.queries.first?.groupBy ?? [] }

    /// How many groups are kept apart at a time; what begins beyond is counted together.
    public var groupsMax: Int {
        indicator.queries.compactMap(\.groupsMax).max() ?? ServiceLevelObjective.defaultGroupsMax
    }

    public var hasGroups: Bool { !groupBy.isEmpty }
    public var groupColumns: [String] { groupBy.map(\.description) }
}
