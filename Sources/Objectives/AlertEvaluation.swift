import TelemetryModel

// When an alert of an objective changes.
//
// An alert is judged at the end of each slice that holds data for its objective, in event-time order: for good once, and where arrivals are
// known provisionally before that. It opens at a judgement by which its condition holds with the alert's confidence; provisionally on burn rates alone.
// It resolves at the first final judgement by which the condition has not held at any judged slice for `keepFiringFor`, by the counts
// alone: what has been believed is believed until it is over, and does not flap while it ends.
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
    /// For each alert in its objective's order, when it fired; `nil` while it does not fire.
    public var firingSince: [Timestamp?]
    /// While it fires: the end of the newest slice of which a judgement said that its condition holds.
    public var burningEnd: [Timestamp?]

    init(alerts: Int) {
        firingSince = Array(repeating: nil, count: alerts)
        burningEnd = firingSince
    }
}

/// An alert of an objective opened or was resolved, with the numbers that made it so.
public struct ObjectiveAlertTransition: Sendable, Equatable {
    public var objective: ObjectiveTerms
    public var alert: ObjectiveAlert
    public var isFiring: Bool
    /// The event time at which it was decided.
    public var time: Timestamp
    /// The end of the slice that was judged.
    public var sliceEnd: Timestamp
    /// When the alert opened; `time` itself where it opens now.
    public var firingSince: Timestamp
    /// The conditions that made it open; when it is resolved, all that it has.
    public var findings: [AlertFinding]
    /// Where the records of the hours lie that the findings' look-backs touch, and of the compliance window where its budget was asked for.
    public var sources: [SourceSpan] = []
    /// It is over because its group has had no records for a whole window.
    public var isEndOfGroup = false
}

extension ObjectiveLedger {
    /// Makes the judgements that are dated `time` or earlier and were not made yet, and returns what changed, in the order of their
    /// dates and, within a judgement, of the alerts.
    ///
    /// To be called when all partitions of the objective's inputs have passed `time`; without `judgement`, when all records of the
    /// slices that end by then are counted, as far as the lateness allows.
    public mutating func evaluate(through time: Timestamp) -> [ObjectiveAlertTransition] {
        let (upper, wait) = (grid.slice(holding: time), finalWait)
        defer { joinLater(before: upper) }
        let lower = evaluation.evaluatedEnd.map { grid.slice(holding: $0) }
        if let lower, lower + wait >= upper { return [] }
        evaluation.evaluatedEnd = grid.start(of: upper - wait)
        guard !alerts.isEmpty else { return [] }
        let provisional = provisionalEnds(judged: lower, upper, wait)
        var next = provisional.startIndex
        var transitions: [ObjectiveAlertTransition] = []
        /// Those that are dated no later than a final judgement: what burns again now is not over.
        func passProvisional(through date: Int64) {
            while next < provisional.endIndex, provisional[next] <= date {
                judgeProvisionally(endSlice: provisional[next], &transitions)
                next += 1
            }
        }
        defer { view = nil }
        var dataEnd: Int64?
        if !silences.isEmpty, let lower {
            see(endSlice: lower, isFinal: true)
            dataEnd = knownEnd(before: lower)
        }
        let range = (lower ?? .min)..<upper - wait
        var silentSince = range.lowerBound
        func passSilence(through slice: Int64) {
            guard let dataEnd else { return }
            for moment in silence(since: dataEnd, in: silentSince..<max(silentSince, slice)) {
                passProvisional(through: moment + wait)
                judgeSilence(endSlice: moment, since: dataEnd, &transitions)
            }
            silentSince = max(silentSince, slice)
        }
        var newest = terms.group == nil ? nil : lower.flatMap(knownEnd)
        for end in filledEnds(range) {
            transitions += endAlerts(silentFrom: newest, to: end - 1)
            passSilence(through: end - 1)
            passProvisional(through: end + wait)
            see(endSlice: end, isFinal: true)
            guard isKnown(end - 1) else { continue }
            if !silences.isEmpty { dataEnd = end }
            newest = end
            for place in alerts.indices { judge(place, endSlice: end, isFinal: true, &transitions) }
        }
        passSilence(through: range.upperBound)
        passProvisional(through: .max)
        return transitions
    }

    /// The ends of slices with data in a range, ascending.
    private func filledEnds(_ range: Range<Int64>) -> [Int64] {
        blocks(touching: range).flatMap { block in
            block.slices.clamped(to: range).compactMap { slice in
                block.isFilled(Int(slice - block.firstSlice)) ? slice + 1 : nil
            }
        }
    }

    /// The ends of slices whose provisional judgement is due; without a wait the final one says the same.
    private func provisionalEnds(judged: Int64?, _ upper: Int64, _ wait: Int64) -> [Int64] {
        guard let judgement, judgement.opensProvisionally, wait > 0, !provisionalAlerts.isEmpty else {
            return []
        }
        return filledEnds((judged.map { $0 + wait } ?? .min)..<upper)
    }

    private mutating func judgeProvisionally(endSlice: Int64, _ transitions: inout [ObjectiveAlertTransition]) {
        see(endSlice: endSlice, isFinal: false)
        guard isKnown(endSlice - 1) else { return }
        for place in provisionalAlerts { judge(place, endSlice: endSlice, isFinal: false, &transitions) }
    }

    private mutating func see(endSlice: Int64, isFinal: Bool) {
        if judgement != nil { view = JudgementView(endSlice: endSlice, isFinal: isFinal) }
    }

    /// Marks an alert of this objective as firing, as the shard's state of alerts says after a restart; false when there
    /// is no alert of that name. Without it a ledger would never resolve what it had announced before.
    ///
    /// A condition that a former release announced by itself is taken for the alert that it is a part of.
    @discardableResult
    public mutating func restoreFiring(alert name: String, since: Timestamp, burningEnd: Timestamp? = nil) -> Bool {
        let named = alerts.firstIndex { $0.name == name }
        let place = named ?? alerts.firstIndex { ObjectiveAlert.formerNames(of: $0.name).contains(name) }
        guard let place else { return false }
        evaluation.firingSince[place] = evaluation.firingSince[place].map { min($0, since) } ?? since
        if let burningEnd {
            evaluation.burningEnd[place] = evaluation.burningEnd[place].map { max($0, burningEnd) } ?? burningEnd
        }
        return true
    }

    /// Whether the alert's condition holds at `time` with a silence in it: there the time that has passed is what says so, and no data.
    public func isHeldBySilence(alert name: String, at time: Timestamp) -> Bool {
        guard let condition = alerts.first(where: { $0.name == name })?.condition else { return false }
        return isHeldBySilence(condition, endSlice: grid.slice(holding: time))
    }

    private func isHeldBySilence(_ condition: AlertCondition, endSlice: Int64) -> Bool {
        condition.silences.contains { holds(.noData(for: $0), endSlice: endSlice, nil) }
            && holds(condition, endSlice: endSlice, nil)
    }

    private mutating func judge(
        _ place: Int, endSlice: Int64, isFinal: Bool, _ transitions: inout [ObjectiveAlertTransition]
    ) {
        let since = evaluation.firingSince[place]
        // By the counts alone first, which settles nearly all.
        let isHeld = holds(alerts[place].condition, endSlice: endSlice, nil)
        if since == nil, !isHeld { return }
        let alert = alerts[place]
        let findings: [AlertFinding]
        if since != nil {
            if isHeld { return noteBurning(place, endSlice: endSlice) }
            guard isFinal, isOver(place, endSlice: endSlice) else { return }
            findings = alert.condition.leaves.compactMap { finding($0, endSlice: endSlice) }
        } else {
            if isHeldBack(alert) { return }
            let test = alert.test
            if !holds(alert.condition, endSlice: endSlice, test) { return }
            findings = self.findings(alert.condition, endSlice: endSlice, test)
        }
        let sliceEnd = grid.start(of: endSlice)
        let time = grid.start(of: endSlice + (isFinal ? finalWait : 0))
        evaluation.firingSince[place] = since == nil ? time : nil
        evaluation.burningEnd[place] = since == nil && judgement != nil ? sliceEnd : nil
        transitions.append(
            ObjectiveAlertTransition(
                objective: terms, alert: alert, isFiring: since == nil, time: time, sliceEnd: sliceEnd,
                firingSince: since ?? time, findings: findings, sources: sources(of: findings, endSlice: endSlice)))
    }

    private mutating func noteBurning(_ place: Int, endSlice: Int64) {
        // Judged once, a slice is behind all that were found burning.
        if judgement == nil { return }
        let end = grid.start(of: endSlice)
        if let known = evaluation.burningEnd[place], known >= end { return }
        evaluation.burningEnd[place] = end
        hasBurnt = true
    }

    private func isHeldBack(_ alert: ObjectiveAlert) -> Bool {
        guard let name = alert.heldBackBy, let place = alerts.firstIndex(where: { $0.name == name }) else {
            return false
        }
        return evaluation.firingSince[place] != nil
    }

    /// Whether a final judgement by which the condition does not hold ends the alert: no judgement of this slice or a later one has said
    /// that it holds, and none of a slice with data for which the alert is kept would say so now, nor of the end of a silence in that time.
    private func isOver(_ place: Int, endSlice: Int64) -> Bool {
        if let burning = evaluation.burningEnd[place], burning >= grid.start(of: endSlice) { return false }
        let alert = alerts[place]
        let first = endSlice - grid.slices(in: alert.keepFiringForNanoseconds)
        guard first < endSlice - 1 else { return true }
        for block in blocks(touching: first..<endSlice).reversed() {
            for slice in block.slices.clamped(to: first..<endSlice).reversed() where isKnown(slice) {
                if slice < endSlice - 1, holds(alert.condition, endSlice: slice + 1, nil) { return false }
                // A silence is longest where data ends it, and no slice with data ends there.
                if slice > first, isHeldBySilence(alert.condition, endSlice: slice) { return false }
            }
        }
        return true
    }

    // MARK: Silence

    /// The moments in which a silence has lasted long enough, where they lie in slices that were not judged before.
    private func silence(since dataEnd: Int64, in slices: Range<Int64>) -> [Int64] {
        silences.map { dataEnd + grid.slices(in: $0) }.filter { $0 > slices.lowerBound && $0 <= slices.upperBound }
    }

    private mutating func judgeSilence(
        endSlice: Int64, since dataEnd: Int64, _ transitions: inout [ObjectiveAlertTransition]
    ) {
        see(endSlice: endSlice, isFinal: true)
        for place in alerts.indices where evaluation.firingSince[place] == nil {
            let isOwn = alerts[place].condition.silences.contains { dataEnd + grid.slices(in: $0) == endSlice }
            if isOwn { judge(place, endSlice: endSlice, isFinal: true, &transitions) }
        }
    }

    /// The end of the newest slice with data that ends by `slice`; `nil` where there is none.
    private func knownEnd(before slice: Int64) -> Int64? {
        for block in blocks.reversed() where block.firstSlice < slice {
            for known in block.slices.reversed()
            where known < slice && isKnown(known) {
                return known + 1
            }
        }
        return nil
    }
}
