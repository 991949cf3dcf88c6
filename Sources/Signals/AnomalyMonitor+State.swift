import TelemetryModel

extension AnomalyMonitor {
    /// The states that changed since the last call, in the order of their groups' keys, and the groups forgotten. The
    /// monitor must track changes, and groups must be identified by `AnomalyGroupKey`.
    ///
    /// A monitor that restored all that another published, and is shown the windows after those, in the order of time,
    /// gives the observations that the other would have given. Windows that the other had taken in are out of order for
    /// the groups they belong to, and change nothing.
    public mutating func takeChangedStates() -> [AnomalySeriesState] {
        precondition(tracksChanges, "this monitor was made without change tracking")
        var keyed: [(key: [UInt8], course: AnomalySeriesState.Course?)] = []
        for number in changed {
            let state = groups[number]
            groups[number].isChanged = false
            keyed.append(
                (
                    table.key(number),
                    AnomalySeriesState.Course(
                        series: state.series, lastWindow: state.lastWindow, openedAt: state.openedAt)
                ))
        }
        // One that came back meanwhile is among those that changed.
        for key in forgotten where unsafe table.find(key.span.bytes) == nil { keyed.append((key, nil)) }
        changed.removeAll(keepingCapacity: true)
        forgotten.removeAll()
        keyed.sort { $0.key.lexicographicallyPrecedes($1.key) }
        var states: [AnomalySeriesState] = []
        for (place, entry) in keyed.enumerated() where place == 0 || keyed[place - 1].key != entry.key {
            guard let group = AnomalyGroupKey.group(of: entry.key) else {
                preconditionFailure("a monitor that tracks changes is shown groups by AnomalyGroupKey")
            }
            states.append(AnomalySeriesState(group: group, course: entry.course))
        }
        return states
    }

    /// Takes over published states, later ones over earlier ones, as after a restart; in one call or in several.
    ///
    /// `groupsMax` held for the process that published them. Where it was lowered since, the groups there are stay, and new ones
    /// are not watched before there is room.
    public mutating func restore(_ states: some Sequence<AnomalySeriesState>) {
        var isAnyForgotten = false
        var key: [UInt8] = []
        for state in states {
            key.removeAll(keepingCapacity: true)
            AnomalyGroupKey.append(state.group, to: &key)
            let known = unsafe table.find(key.span.bytes)
            guard let course = state.course else {
                if let known {
                    groups[known].isForgotten = true
                    isAnyForgotten = true
                }
                continue
            }
            var restored = GroupState(lastWindow: course.lastWindow)
            restored.series = course.series
            restored.openedAt = course.openedAt
            if let known {
                restored.isChanged = groups[known].isChanged
                groups[known] = restored
            } else {
                groups.append(restored)
                _ = unsafe table.add(key.span.bytes)
            }
        }
        if isAnyForgotten { keep { !$0.isForgotten } }
    }
}
