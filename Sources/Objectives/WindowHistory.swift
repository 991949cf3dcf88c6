/// Ledgers put together from window records, in the order in which they were written.
///
/// A later record replaces an earlier one of the same history and block, unless the earlier one has the higher stamp.
/// The newest record's terms are the objective's: counts do not depend on window or target, so a changed target is judged over
/// the old counts. A changed definition has another history. Of records that don't tell their definition only those with another
/// length of slice cannot be joined to what was counted before; then history starts anew, and `superseded` says what was
/// skipped. So it does for downsampled days when the method changes, because no slice of them is left to be judged by it.
public struct WindowHistory: Sendable {
    private var held: [ObjectiveLedger] = []
    private var places: [ObjectiveHistory: Int] = [:]
    /// How many blocks of an objective's earlier slice length or method were skipped, which no report can use, by its
    /// name.
    public private(set) var superseded: [String: Int] = [:]

    public init() {}

    public mutating func add(_ record: WindowRecord) {
        let place: Int
        if let known = places[record.terms.history] {
            place = known
        } else {
            place = held.count
            places[record.terms.history] = place
            held.append(ObjectiveLedger(terms: record.terms))
        }
        var terms = record.terms
        if held[place].terms.adoptsUnbound { terms.adoptsUnbound = true }
        if held[place].terms != terms { take(terms, place) }
        held[place].tellsDefinition = terms.definition != nil
        held[place].restore(record)
    }

    /// Records that can't be read and were skipped on request, by objective.
    public private(set) var passedOver: [String: [UnreadSpan]] = [:]

    public mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        passedOver[record.objective, default: []].append(gap)
    }

    /// By name: of each objective what the newest record belongs to.
    public var ledgers: [ObjectiveLedger] { ledgers(present: [:]).ledgers }

    /// What a report is made of.
    public struct Present: Sendable {
        /// One for each objective, by name.
        public let ledgers: [ObjectiveLedger]
        /// What was counted by other definitions, by objective; the newest last.
        public let former: [String: [FormerHistory]]
    }

    /// The histories of the present definitions, and what else there is under their names.
    ///
    /// - Parameter definitions: of objectives whose present definition is known; of others the newest record tells. An objective of
    ///   which nothing was counted by its present definition has no ledger.
    public func ledgers(present definitions: [String: DefinitionFingerprint]) -> Present {
        var joined = held
        let heirs = ObjectiveLedger.heirs(among: held)
        for (history, place) in places where history.definition == nil {
            let name = history.objective
            let heir =
                heirs[name]
                ?? definitions[name].flatMap {
                    places[ObjectiveHistory(objective: name, definition: $0)]
                }
            // Where no record tells of the present definition either, these are its counts.
            guard let heir else { continue }
            joined[heir] = joined[heir].joined(with: joined[place])
            joined[place] = ObjectiveLedger(terms: joined[place].terms)
        }
        var ledgers: [ObjectiveLedger] = []
        var former: [String: [FormerHistory]] = [:]
        for (name, own) in Dictionary(grouping: joined.filter(\.hasBlocks), by: \.terms.name) {
            let parts = Dictionary(grouping: own, by: \.terms.definition)
            let present: DefinitionFingerprint??
            if let wanted = definitions[name] {
                let unbound: DefinitionFingerprint?? = heirs[name] == nil && parts[nil] != nil ? .some(nil) : nil
                present = parts[wanted] != nil ? .some(wanted) : unbound
            } else {
                present = own.max { $0.stamp < $1.stamp }.map(\.terms.definition)
            }
            let others = parts.filter { $0.key != present || present == nil }.values.map {
                FormerHistory($0.map(\.settled))
            }
            if !others.isEmpty { former[name] = others.sorted() }
            if let present { ledgers += (parts[present] ?? []).map(\.settled) }
        }
        return Present(ledgers: ledgers.sorted { $0.terms.precedes($1.terms) }, former: former)
    }

    private mutating func take(_ terms: ObjectiveTerms, _ place: Int) {
        if held[place].terms.method == terms.method {
            held[place].terms = terms
            return
        }
        let records = held[place].records
        held[place] = ObjectiveLedger(terms: terms)
        for record in records {
            if held[place].fits(record) { held[place].restore(record) } else { superseded[terms.name, default: 0] += 1 }
        }
    }
}
