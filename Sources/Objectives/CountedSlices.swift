/// What was counted of one objective of a plan, or of one of its groups.
package struct CountedSlices: Sendable {
    /// Into the plan's.
    package let objective: Int
    package let group: ObjectiveGroup?
    /// In the order of time and arrival.
    package let deltas: [SliceDelta]

    package init(_ objective: Int, _ group: ObjectiveGroup?, _ deltas: [SliceDelta]) {
        self.objective = objective
        self.group = group
        self.deltas = deltas
    }
}

extension [CountedSlices] {
    /// Those of each objective, which stand together.
    package var byObjective: [ArraySlice<CountedSlices>] {
        var parts: [ArraySlice<CountedSlices>] = []
        var first = startIndex
        for place in indices where place + 1 == endIndex || self[place + 1].objective != self[place].objective {
            parts.append(self[first...place])
            first = place + 1
        }
        return parts
    }
}
