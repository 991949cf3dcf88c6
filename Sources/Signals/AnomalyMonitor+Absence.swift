import TelemetryModel

/// Windows in which a group that is known has no records.
extension AnomalyMonitor {
    /// What a window without records of a group says of its value.
    public enum Absence: Sendable {
        /// The value is that of measures of nothing, in the rollup's order; NaN for one without a value.
        case measures([Double])
        /// Nothing: there may have been records that are not shown.
        case unknown
    }

    /// Whether a window without records would be noticed in any group.
    public var isWatching: Bool { !watched.isEmpty }

    /// The oldest of the last windows of the groups in which one without records would be noticed.
    public var oldestWatchedWindow: Timestamp? {
        watched.lazy.filter { isMissed(groups[$0]) }.map { groups[$0].lastWindow }.min()
    }

    /// Passes a window: each group that would be missed and had no value in it is absent.
    ///
    /// So many windows as the definition says it counts as what `absence` comes to, or as nothing where there are records without a value;
    /// then the group is forgotten, and its alert resolves. A group that has no alert and too few values to be judged is not missed.
    ///
    /// - Parameter seen: called with each observation that flags or changes an alert, and the values of the group's columns.
    public mutating func pass(
        window: Timestamp, _ absence: Absence, seen: (AnomalyObservation, _ group: [String?]) -> Void
    ) {
        var value: Double?
        if case .measures(let measures) = absence { value = self.value(measures.span) }
        var (isAnyGone, isAnyLeft) = (false, false)
        for number in watched {
            guard isMissed(groups[number]) else {
                isAnyLeft = true
                continue
            }
            guard groups[number].lastWindow < window else { continue }
            let isValueless = groups[number].valuelessWindow == window
            groups[number].absent += 1
            if isValueless {
                groups[number].hadValueless = true
            } else if case .unknown = absence {
                groups[number].isAbsenceUnknown = true
            }
            let observation: AnomalyObservation
            if groups[number].absent > plan.definition.emptyWindows {
                observation = forget(number, window, isValueless ? .nan : value ?? .nan)
                isAnyGone = true
            } else if let value, !isValueless {
                observation = judge(value, number, window)
            } else {
                groups[number].lastWindow = window
                noteChange(of: number)
                continue
            }
            if observation.alertChange != nil || observation.direction != nil { seen(observation, name(of: number)) }
        }
        if isAnyGone || isAnyLeft { leaveOutWhatIsNotMissed() }
        guard isAnyGone else { return }
        // They cost what the others cost, until they are the most.
        if forgottenCount > groups.count / 2 { keep { !$0.isForgotten || $0.lastWindow > window } }
    }

    private mutating func leaveOutWhatIsNotMissed() {
        for number in watched { groups[number].isWatched = isMissed(groups[number]) }
        watched.removeAll { !groups[$0].isWatched }
    }

    private mutating func forget(_ number: Int, _ window: Timestamp, _ value: Double) -> AnomalyObservation {
        let state = groups[number]
        var observation = AnomalyObservation(
            verdict: .gone, value: value, judgement: plan.terms.detector.judge(value, by: state.series.usual))
        if state.openedAt != nil {
            observation.openedAt = state.openedAt
            observation.alertChange = .resolved
            observation.cause =
                state.isAbsenceUnknown
                ? .notShown(windows: state.absent)
                : state.hadValueless ? .valueless(windows: state.absent) : .gone(windows: state.absent)
        }
        noteChange(of: number)
        var gone = GroupState(series: state.series, lastWindow: window)
        gone.isForgotten = true
        gone.name = state.name
        gone.isWatched = state.isWatched
        gone.isChanged = state.isChanged || groups[number].isChanged
        (gone.shard, gone.newThrough) = (state.shard, state.newThrough)
        groups[number] = gone
        forgottenCount += 1
        return observation
    }

    /// Whether the group's alert is open, and called for by windows without records up to one that begins at `time` or later.
    public func isHeldByAbsence(_ group: [String?], since time: Timestamp) -> Bool {
        var key: [UInt8] = []
        AnomalyGroupKey.append(group, to: &key)
        guard let number = unsafe table.find(key.span.bytes) else { return false }
        let state = groups[number]
        return state.openedAt != nil && state.calm == 0 && state.absent > 0 && !state.isAbsenceUnknown
            && state.lastWindow >= time
    }

    func name(of number: Int) -> [String?] {
        groups[number].name ?? AnomalyGroupKey.group(of: table.key(number)) ?? []
    }
}
