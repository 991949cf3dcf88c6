import TelemetryModel

// When an alert of an objective changes.
//
// An alert is judged at the end of each slice that holds data for its objective, in event-time order, once. It opens when its condition
// holds there with the alert's confidence. It resolves at the first judged slice at whose end the condition has not held at any judged slice for
// `keepFiringFor`, by the counts alone: what has been believed is believed until it is over, and does not flap while it ends.
//
// A slice without data is not judged: an alert changes only on evidence. That is what makes a replay of files and live
// consumption tell the same story. Live, silent time passes because a broker's clock moves, in a replay because the next
// record is dated later, and how often the ledger is asked in between depends on batch sizes; were silence able to
// resolve an alert, all of that would show. As it is, the transitions are a function of the slices' counts at the time
// each of them was closed. The price: an alert whose traffic has ceased stays open until traffic returns or somebody
// closes it, which is right for an outage that stops all requests. Silence itself is a condition where a policy asks for it: it is judged at
// the one moment at which it has lasted long enough, which is a matter of the last data alone.
//
// For how long the condition has not held is seen in the slices again, and not kept beside them: so a restart has nothing of it to restore.
//
// Late records restate the counts of slices already judged, and reports show them; what was announced is not rewritten.

/// How far a ledger's alerts were judged, and which of them fire: all that a restart must bring back.
public struct AlertEvaluation: Sendable, Equatable {
    /// The end of the last slices judged; `nil` before the first.
    public var evaluatedEnd: Timestamp?
    /// For each alert in its objective's order, the end of the slice at which it fired; `nil` while it does not fire.
    public var firingSince: [Timestamp?]

    init(alerts: Int) {
        firingSince = Array(repeating: nil, count: alerts)
    }
}

/// An alert of an objective opened or was resolved, with the numbers that made it so.
public struct ObjectiveAlertTransition: Sendable, Equatable {
    public var objective: ObjectiveTerms
    public var alert: ObjectiveAlert
    public var isFiring: Bool
    /// The end of the slice that was judged.
    public var time: Timestamp
    /// When the alert opened; `time` itself where it opens now.
    public var firingSince: Timestamp
    /// The conditions that made it open; when it is resolved, all that it has.
    public var findings: [AlertFinding]
}

extension ObjectiveLedger {
    /// Judges the slices that end at `end` or earlier and were not judged yet, and returns what changed, in event-time
    /// order and, within a slice, in the alerts' order.
    ///
    /// To be called with the end of closed slices only: one whose records are all counted, as far as the lateness allows.
    public mutating func evaluate(through end: Timestamp) -> [ObjectiveAlertTransition] {
        let upper = grid.slice(holding: end)
        let lower = evaluation.evaluatedEnd.map(grid.slice(holding:)) ?? .min
        guard lower < upper else { return [] }
        evaluation.evaluatedEnd = grid.start(of: upper)
        guard !alerts.isEmpty else { return [] }
        var transitions: [ObjectiveAlertTransition] = []
        var dataEnd = silences.isEmpty ? nil : knownEnd(before: lower)
        for block in blocks(touching: lower..<upper) {
            for slice in block.slices.clamped(to: lower..<upper)
            where block.isKnown(Int(slice - block.firstSlice)) {
                if let dataEnd { judgeSilence(since: dataEnd, in: lower..<slice, &transitions) }
                if !silences.isEmpty { dataEnd = slice + 1 }
                for place in alerts.indices { judge(place, endSlice: slice + 1, &transitions) }
            }
        }
        if let dataEnd { judgeSilence(since: dataEnd, in: lower..<upper, &transitions) }
        return transitions
    }

    /// Marks an alert of this objective as firing, as the shard's state of alerts says after a restart; false when there
    /// is no alert of that name. Without it a ledger would never resolve what it had announced before.
    ///
    /// A condition that a former release announced by itself is taken for the alert that it is a part of.
    @discardableResult
    public mutating func restoreFiring(alert name: String, since: Timestamp) -> Bool {
        let named = alerts.firstIndex { $0.name == name }
        let place = named ?? alerts.firstIndex { ObjectiveAlert.formerNames(of: $0.name).contains(name) }
        guard let place else { return false }
        evaluation.firingSince[place] = evaluation.firingSince[place].map { min($0, since) } ?? since
        return true
    }

    /// Whether the alert's condition holds at `time` with a silence in it: there the time that has passed is what says so, and no data.
    public func isHeldBySilence(alert name: String, at time: Timestamp) -> Bool {
        guard let condition = alerts.first(where: { $0.name == name })?.condition else { return false }
        let endSlice = grid.slice(holding: time)
        return condition.silences.contains { holds(.noData(for: $0), endSlice: endSlice, nil) }
            && holds(condition, endSlice: endSlice, nil)
    }

    private mutating func judge(_ place: Int, endSlice: Int64, _ transitions: inout [ObjectiveAlertTransition]) {
        let alert = alerts[place]
        let since = evaluation.firingSince[place]
        let findings: [AlertFinding]
        if since != nil {
            if isKeptFiring(alert, endSlice: endSlice) { return }
            findings = alert.condition.leaves.compactMap { finding($0, endSlice: endSlice) }
        } else {
            // By the counts alone first, which settles nearly all.
            if !holds(alert.condition, endSlice: endSlice, nil) || isHeldBack(alert) { return }
            let test = alert.test
            if !holds(alert.condition, endSlice: endSlice, test) { return }
            findings = self.findings(alert.condition, endSlice: endSlice, test)
        }
        let time = grid.start(of: endSlice)
        evaluation.firingSince[place] = since == nil ? time : nil
        transitions.append(
            ObjectiveAlertTransition(
                objective: terms, alert: alert, isFiring: since == nil, time: time, firingSince: since ?? time,
                findings: findings))
    }

    private func isHeldBack(_ alert: ObjectiveAlert) -> Bool {
        guard let name = alert.heldBackBy, let place = alerts.firstIndex(where: { $0.name == name }) else {
            return false
        }
        return evaluation.firingSince[place] != nil
    }

    /// Whether the condition held at the end of this slice, or of one with data for which the alert is kept.
    private func isKeptFiring(_ alert: ObjectiveAlert, endSlice: Int64) -> Bool {
        if holds(alert.condition, endSlice: endSlice, nil) { return true }
        let first = endSlice - grid.slices(in: alert.keepFiringForNanoseconds)
        guard first < endSlice - 1 else { return false }
        for block in blocks(touching: first..<endSlice - 1).reversed() {
            for slice in block.slices.clamped(to: first..<endSlice - 1).reversed()
            where block.isKnown(Int(slice - block.firstSlice)) {
                if holds(alert.condition, endSlice: slice + 1, nil) { return true }
            }
        }
        return false
    }

    // MARK: Silence

    /// Judges the moments at which a silence has lasted long enough, where they lie in slices that were not judged before.
    private mutating func judgeSilence(
        since dataEnd: Int64, in slices: Range<Int64>, _ transitions: inout [ObjectiveAlertTransition]
    ) {
        for length in silences {
            let endSlice = dataEnd + grid.slices(in: length)
            guard endSlice > slices.lowerBound, endSlice <= slices.upperBound else { continue }
            for place in alerts.indices
            where evaluation.firingSince[place] == nil && alerts[place].condition.silences.contains(length) {
                judge(place, endSlice: endSlice, &transitions)
            }
        }
    }

    /// The end of the newest slice with data that ends by `slice`; `nil` where there is none.
    private func knownEnd(before slice: Int64) -> Int64? {
        for block in blocks.reversed() where block.firstSlice < slice {
            for known in block.slices.reversed()
            where known < slice && block.isKnown(Int(known - block.firstSlice)) {
                return known + 1
            }
        }
        return nil
    }
}
