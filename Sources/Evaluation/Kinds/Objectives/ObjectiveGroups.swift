import Objectives

/// Which groups of an objective are kept apart, in the order in which a log, or files, bring them.
///
/// As many as `groupsMax` at a time. What begins beyond is counted together, exactly, and stays there: while there is something that is
/// counted together no group is taken in that was not there before, or a group would have a part of its records in each. A group that has
/// had no records for a whole window ends, and so does what is counted together.
struct ObjectiveGroups: Sendable {
    let columns: [String]
    private let groupsMax: Int
    /// The places of their ledgers.
    private(set) var seats: [ObjectiveGroup: Int] = [:]
    /// From where on groups are counted together; `nil` where files say nothing of it.
    private var foldedFrom: FoldPoint?
    private let other: ObjectiveGroup

    init(of objective: ServiceLevelObjective) {
        columns = objective.groupColumns
        groupsMax = objective.groupsMax
        other = .other(columns)
    }

    /// Where what was counted of a group went.
    func seated(_ group: ObjectiveGroup) -> Int? { seats[group] ?? seats[other] }

    /// The group by which a group is counted, its own or that of the others.
    func member(of group: ObjectiveGroup, at point: FoldPoint?) -> ObjectiveGroup {
        if seats[group] != nil { return group }
        if seats[other] == nil { return seats.count < groupsMax ? group : other }
        // It was taken in before there was too much, and is read again.
        if let point, let foldedFrom, point < foldedFrom { return group }
        return other
    }

    mutating func seat(_ group: ObjectiveGroup, at place: Int, foldedFrom point: FoldPoint?) {
        seats[group] = place
        if group == other { foldedFrom = point }
    }

    mutating func moveAll(_ places: [Int: Int]) {
        seats = seats.compactMapValues { places[$0] }
        if seats[other] == nil { foldedFrom = nil }
    }
}

/// An objective, or one of its groups.
package struct ObjectiveMember: Hashable, Sendable {
    package let objective: String
    package let group: ObjectiveGroup?

    package init(_ objective: String, group: ObjectiveGroup? = nil) {
        self.objective = objective
        self.group = group
    }
}
