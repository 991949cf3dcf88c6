import Statistics
import TelemetryModel

extension AnomalyMonitor {
    /// The states that changed since the last call, and the groups forgotten: first of groups of which too little was known
    /// meanwhile, the latest ones before (`AnomalyMonitor+Peers.swift` says why), and of equal ones in the order of their keys. The monitor must track changes, and groups must
    /// be identified by `AnomalyGroupKey`.
    ///
    /// A monitor that restored all that another published, and is shown the windows after those, in the order of time,
    /// gives the observations that the other would have given. Windows that the other had taken in are out of order for
    /// the groups they belong to, and change nothing.
    public mutating func takeChangedStates() -> [AnomalySeriesState] {
        precondition(tracksChanges, "this monitor was made without change tracking")
        var keyed:
            [(key: [UInt8], course: AnomalySeriesState.Course?, goneThrough: Timestamp?, newThrough: Timestamp?)] =
                []
        for number in changed {
            let state = groups[number]
            (groups[number].isChanged, groups[number].newThrough) = (false, nil)
            keyed.append(
                (
                    table.key(number), AnomalySeriesState.Course(state), state.isForgotten ? state.lastWindow : nil,
                    state.newThrough
                ))
        }
        // One that came back meanwhile is among those that changed.
        for group in forgotten where unsafe table.find(group.key.span.bytes) == nil {
            keyed.append((group.key, nil, group.through, group.newThrough))
        }
        changed.removeAll(keepingCapacity: true)
        forgotten.removeAll()
        // A group may have been forgotten, have come back and have been forgotten again: the last time is the one that counts.
        keyed.sort {
            $0.key == $1.key
                ? ($0.goneThrough?.nanoseconds ?? .min) > ($1.goneThrough?.nanoseconds ?? .min)
                : $0.key.lexicographicallyPrecedes($1.key)
        }
        var states: [(state: AnomalySeriesState, newThrough: Int64, place: Int)] = []
        for (place, entry) in keyed.enumerated() where place == 0 || keyed[place - 1].key != entry.key {
            guard let group = AnomalyGroupKey.group(of: entry.key) else {
                preconditionFailure("a monitor that tracks changes is shown groups by AnomalyGroupKey")
            }
            let state = AnomalySeriesState(group: group, course: entry.course, goneThrough: entry.goneThrough)
            states.append((state, entry.newThrough?.nanoseconds ?? .min, place))
        }
        states.sort { ($1.newThrough, $0.place) < ($0.newThrough, $1.place) }
        return states.map(\.state)
    }

    /// Takes over published states, later ones over earlier ones, as after a restart; in one call or in several.
    ///
    /// `groupsMax` held for the process that published them. Where it was lowered since, the groups there are stay, and new ones
    /// are not watched before there is room.
    ///
    /// - Parameter shard: as in `observe`.
    public mutating func restore(_ states: some Sequence<AnomalySeriesState>, shard: Int32 = 0) {
        var key: [UInt8] = []
        peersWindow = nil
        for state in states {
            key.removeAll(keepingCapacity: true)
            AnomalyGroupKey.append(state.group, to: &key)
            let known = unsafe table.find(key.span.bytes)
            // One that is gone is remembered until the windows that it was in are behind.
            var restored = GroupState(state, plan.terms)
            restored.shard = shard
            if restored.isForgotten { forgottenCount += 1 }
            if let known {
                if groups[known].isForgotten { forgottenCount -= 1 }
                (restored.isChanged, restored.isWatched) = (groups[known].isChanged, groups[known].isWatched)
                groups[known] = restored
                watch(known)
            } else {
                groups.append(restored)
                watch(unsafe table.add(key.span.bytes))
            }
        }
    }
}

extension AnomalyMonitor {
    /// The groups whose alert is open, in the order in which they were seen first.
    public var openGroups: [[String?]] { groups.indices.filter { groups[$0].openedAt != nil }.map(name) }

    /// Takes the alerts of groups for over for which `isOpen` is false. What goes on opens a new one.
    public mutating func endAlerts(unless isOpen: (_ group: [String?]) -> Bool) {
        for number in groups.indices where groups[number].openedAt != nil && !isOpen(name(of: number)) {
            (groups[number].openedAt, groups[number].calm) = (nil, 0)
            noteChange(of: number)
            watch(number)
        }
    }
}

extension AnomalySeriesState.Course {
    /// `nil` for a group that is gone.
    fileprivate init?(_ state: AnomalyMonitor.GroupState) {
        if state.isForgotten { return nil }
        self.init(series: state.series, lastWindow: state.lastWindow, openedAt: state.openedAt)
        (calm, absent, isAbsenceUnknown) = (state.calm, state.absent, state.isAbsenceUnknown)
        (hadValueless, newThrough) = (state.hadValueless, state.newThrough)
    }
}

extension AnomalyMonitor.GroupState {
    fileprivate init(_ state: AnomalySeriesState, _ terms: DetectedSeries.Terms) {
        guard let course = state.course else {
            self.init(
                series: DetectedSeries(terms), lastWindow: state.goneThrough ?? Timestamp(nanoseconds: .min))
            isForgotten = true
            return
        }
        self.init(series: course.series, lastWindow: course.lastWindow)
        (openedAt, calm, newThrough) = (course.openedAt, course.calm, course.newThrough)
        (absent, hadValueless, isAbsenceUnknown) = (course.absent, course.hadValueless, course.isAbsenceUnknown)
    }
}
