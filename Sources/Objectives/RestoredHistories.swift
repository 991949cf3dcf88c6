/// Ledgers put together from window records, a ledger for each definition by which an objective was counted.
///
/// **Records that don't tell their definition** are those of the first version. They belong to the definition that was the
/// present one when they were first restored by a member that tells definitions: it says in its own records that it adopts
/// them. Where none says so yet, it is the definition that is present now. Which one it is may stand in the last record that is
/// read; so they are kept apart as soon as there is a record that tells, and joined to their definition at the end. While
/// none tells, which is all there is before the newer form is written, they go where they belong at once.
struct RestoredHistories: Sendable {
    private(set) var ledgers: [ObjectiveLedger]
    /// Those that were given, without counts.
    private let given: [ObjectiveLedger]
    private var places: [ObjectiveHistory: Int] = [:]
    /// Of those given.
    private var presentPlaces: [String: Int] = [:]
    /// Where records go that don't tell.
    private var unboundPlaces: [String: Int] = [:]
    /// The places of histories whose records tell their definition.
    private var told: Set<Int> = []
    /// Ledgers that were joined to others.
    private var joined: Set<Int> = []
    private let isOwn: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - ledgers: the present definitions', without counts.
    ///   - isOwn: whether an objective that none of them is of is wanted.
    init(_ ledgers: [ObjectiveLedger], isOwn: @escaping @Sendable (String) -> Bool) {
        self.ledgers = ledgers
        self.isOwn = isOwn
        given = ledgers
        for (place, ledger) in ledgers.enumerated() {
            places[ledger.terms.history] = place
            presentPlaces[ledger.terms.name] = place
            unboundPlaces[ledger.terms.name] = place
        }
    }

    var present: [ObjectiveLedger] { Array(ledgers[..<given.count]) }

    var former: [ObjectiveLedger] {
        ledgers.indices[given.count...].filter { !joined.contains($0) }.map { ledgers[$0] }
    }

    /// Where the records of a history belong; `nil` where they are not wanted.
    mutating func place(of terms: ObjectiveTerms) -> Int? {
        guard terms.definition != nil else {
            if let place = unboundPlaces[terms.name] { return place }
            guard isOwn(terms.name) else { return nil }
            let place = begin(terms)
            unboundPlaces[terms.name] = place
            return place
        }
        if let place = places[terms.history] {
            if told.insert(place).inserted { setUnboundApart(terms.name) }
            return place
        }
        guard presentPlaces[terms.name] != nil || isOwn(terms.name) else { return nil }
        setUnboundApart(terms.name)
        let place = begin(terms)
        told.insert(place)
        return place
    }

    /// False for a record that can't be joined to what there is of its history.
    mutating func adopt(_ record: WindowRecord, at place: Int) -> Bool { ledgers[place].adopt(record) }

    private mutating func begin(_ terms: ObjectiveTerms) -> Int {
        places[terms.history] = ledgers.count
        ledgers.append(ObjectiveLedger(terms: terms))
        return ledgers.count - 1
    }

    /// Makes the present definition's ledger hold only what tells, from now on.
    private mutating func setUnboundApart(_ name: String) {
        guard let place = presentPlaces[name], unboundPlaces[name] == place else { return }
        unboundPlaces[name] = ledgers.count
        ledgers.append(ledgers[place])
        ledgers[place] = given[place]
    }

    /// Joins the records that didn't tell to the definition that adopts them.
    mutating func settleUnbound() {
        let heirs = ObjectiveLedger.heirs(among: ledgers)
        for (name, place) in unboundPlaces.sorted(by: { $0.key < $1.key }) {
            guard let heir = heirs[name] ?? presentPlaces[name] else { continue }
            if heir != place { joined.insert(place) }
            guard ledgers[place].hasBlocks else { continue }
            if heir != place { ledgers[heir] = ledgers[heir].joined(with: ledgers[place]) }
            ledgers[heir].adoptUnbound()
        }
    }
}

extension ObjectiveLedger {
    /// The places of those that adopt the records which don't tell their definition, by objective.
    static func heirs(among ledgers: [ObjectiveLedger]) -> [String: Int] {
        var heirs: [String: Int] = [:]
        for (place, ledger) in ledgers.enumerated() where ledger.terms.adoptsUnbound {
            // Of several, which members with different definitions may leave that tell for the first time in the same minute, all
            // readers take the same.
            if let other = heirs[ledger.terms.name], ledgers[other].rank < ledger.rank { continue }
            heirs[ledger.terms.name] = place
        }
        return heirs
    }

    /// Of several that adopt, all readers take the one with the lowest.
    var rank: UInt64 { terms.definition?.rawValue ?? 0 }

    /// Says in its records from now on that records which don't tell their definition are of this one, and makes sure that
    /// there is such a record.
    public mutating func adoptUnbound() {
        if terms.adoptsUnbound || terms.definition == nil { return }
        let newest = blocks.endIndex - 1
        let newestDownsampled = downsampled.endIndex - 1
        if newest < 0 && newestDownsampled < 0 { return }
        terms.adoptsUnbound = true
        guard tellsDefinition else { return }
        if newest >= 0 { markChanged(newest) } else { markDownsampledChanged(newestDownsampled) }
    }

    /// This ledger with the counts of another of the same objective, which hold none of the same blocks in two versions that
    /// don't supersede each other.
    func joined(with other: ObjectiveLedger) -> ObjectiveLedger {
        // The fewer are restored beside the more, if these were judged alike: their sums are of the method's making.
        var (whole, rest) = (self, other)
        if blocks.count + downsampled.count < other.blocks.count + other.downsampled.count,
            other.terms.method == terms.method
        {
            (whole, rest) = (other, self)
            whole.terms = terms
            whole.tellsDefinition = tellsDefinition
            whole.epoch = epoch
        }
        whole.superseded += rest.superseded
        whole.outlived += rest.outlived
        for record in rest.records where whole.fits(record) { whole.restore(record) }
        return whole
    }
}
