import Objectives
import Records
import TelemetryModel

extension ObjectiveStates {
    /// The columns of an objective's groups; `nil` where it has none.
    func columns(of objective: String) -> [String]? { places[objective].flatMap { groups[$0]?.columns } }

    /// Adds what an entry, or a part of files, has of an objective's groups, which come in their order.
    mutating func add(
        _ groups: [ChangelogAmounts.GroupAmounts], of whole: Int, stamp: Int64?, latenessNanoseconds: Int64?
    ) {
        /// What several groups add to the others': a ledger takes what comes with a stamp once.
        var together: [SliceDelta] = []
        var other: Int?
        // A part of files is long, and the groups that are kept are those that begin first; of those that begin together, the first.
        var groups = groups
        if stamp == nil {
            let starts = groups.map { $0.slices.first?.start.nanoseconds ?? .max }
            groups = groups.indices.sorted { (starts[$0], $0) < (starts[$1], $1) }.map { groups[$0] }
        }
        for (number, group) in groups.enumerated() {
            let seat = seat(of: group.group, of: whole, at: stamp.map { FoldPoint(offset: $0, place: number) })
            if ledgers[seat].terms.group?.isOther == true {
                other = seat
                together += group.slices
            } else {
                ledgers[seat].apply(group.slices, stamp: stamp, latenessNanoseconds: latenessNanoseconds)
            }
        }
        if let other { ledgers[other].apply(together, stamp: stamp, latenessNanoseconds: latenessNanoseconds) }
    }

    /// Where what is counted of a group goes: to its own ledger, which begins here if it has to, or to that of the others.
    private mutating func seat(of group: ObjectiveGroup, of whole: Int, at point: FoldPoint?) -> Int {
        // Nothing holds the table while it is changed, or it would be copied for each group that begins.
        guard let member = groups[whole]?.member(of: group, at: point) else { return whole }
        return groups[whole]?.seats[member] ?? begin(member, of: whole, foldedFrom: member.isOther ? point : nil)
    }

    /// The ledger of a group, where there is none yet without counts.
    mutating func begin(_ group: ObjectiveGroup, of whole: Int, foldedFrom point: FoldPoint? = nil) -> Int {
        if let seat = groups[whole]?.seats[group] { return seat }
        return append(ledgers[whole].ledger(of: group, foldedFrom: point), group, of: whole)
    }

    /// Takes a group as it was restored.
    mutating func restore(_ ledger: ObjectiveLedger, as group: ObjectiveGroup, of whole: Int) {
        let ledger = ledgers[whole].ledger(restored: ledger, of: group)
        if let seat = groups[whole]?.seats[group] {
            ledgers[seat] = ledger
        } else {
            _ = append(ledger, group, of: whole)
        }
    }

    private mutating func append(_ ledger: ObjectiveLedger, _ group: ObjectiveGroup, of whole: Int) -> Int {
        if groups[whole]?.seats.isEmpty == true { ledgers[whole].noteMatched() }
        ledgers.append(ledger)
        owners.append(whole)
        groups[whole]?.seat(group, at: ledgers.count - 1, foldedFrom: ledger.terms.foldedFrom)
        return ledgers.count - 1
    }

    /// Ends the groups that have had no records for a whole window: what they had open is over, and their records are taken back.
    package mutating func endGroups(through times: EventTimes, notBeyond clock: Timestamp?)
        -> [ObjectiveAlertTransition]
    {
        let ended = silentGroups(through: times, notBeyond: clock)
        let transitions = ended.flatMap { ledgers[$0].endAlerts() }
        remove(ended)
        return transitions
    }

    /// Takes groups for ended that had ended before a restart, though the broker has their records still.
    mutating func removeEnded(through times: EventTimes) {
        remove(silentGroups(through: times, notBeyond: nil).filter { !ledgers[$0].isFiring })
    }

    /// The places of groups that have had no records for a whole window, ascending.
    private func silentGroups(through times: EventTimes, notBeyond clock: Timestamp?) -> [Int] {
        ledgers.indices.filter { place in
            guard owners[place] != place, let time = time(times, of: owners[place]) else { return false }
            return ledgers[place].silenceEnd <= min(time, clock ?? time)
        }
    }

    private mutating func remove(_ ended: [Int]) {
        if ended.isEmpty { return }
        for place in ended { endedKeys += ledgers[place].recordKeys.map { (ledgers[place].terms.name, $0) } }
        let gone = Set(ended)
        let kept = ledgers.indices.filter { !gone.contains($0) }
        let moved = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        ledgers = kept.map { ledgers[$0] }
        owners = kept.map { owners[$0] }
        for whole in groups.keys { groups[whole]?.moveAll(moved) }
    }

    /// The ledgers of all objectives but those that are counted by group.
    package var wholes: [ObjectiveLedger] {
        ledgers.indices.filter { owners[$0] == $0 && groups[$0]?.seats.isEmpty ?? true }.map { ledgers[$0] }
    }

    /// - Parameter written: records that are published in front of it. A group may have begun again under a key that it had.
    mutating func takeEndedKeys(besides written: [WindowRecord]) -> [(objective: String, key: String)] {
        if endedKeys.isEmpty { return [] }
        defer { endedKeys = [] }
        let written = Set(written.lazy.filter { $0.terms.group != nil }.map(\.compactionKey))
        return endedKeys.filter { !written.contains($0.key) }
    }

    /// How many groups of each objective that has some are kept apart, and whether others are counted together.
    package var groupCounts: [(objective: String, kept: Int, hasOther: Bool)] {
        groups.sorted { $0.key < $1.key }.map { whole, groups in
            let hasOther = groups.seats.keys.contains(where: \.isOther)
            return (ledgers[whole].terms.name, groups.seats.count - (hasOther ? 1 : 0), hasOther)
        }
    }
}
