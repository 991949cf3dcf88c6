/// Ledgers put together from window records, in the order in which they were written.
///
/// A later record replaces an earlier one of the same objective and block, unless the earlier one has the higher stamp.
/// The newest record's terms are the objective's: counts do not depend on window, target or method, so a changed target
/// is judged over the old counts. Only another length of slice cannot be joined to what was counted before; then history
/// starts anew, and `superseded` says what was passed over. So it does for folded days when the method changes,
/// because no slice of them is left to be judged by it.
public struct WindowHistory: Sendable {
    private var held: [ObjectiveLedger] = []
    private var placesByName: [String: Int] = [:]
    /// How many blocks of an objective's earlier slice length or method were passed over, which no report can use, by its
    /// name.
    public private(set) var superseded: [String: Int] = [:]

    public init() {}

    public mutating func add(_ record: WindowRecord) {
        let place: Int
        if let known = placesByName[record.terms.name] {
            place = known
        } else {
            place = held.count
            placesByName[record.terms.name] = place
            held.append(ObjectiveLedger(terms: record.terms))
        }
        if held[place].terms != record.terms { take(record.terms, place) }
        held[place].restore(record)
    }

    /// Records that can't be read and were passed over on request, by objective.
    public private(set) var passedOver: [String: [UnreadSpan]] = [:]

    public mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        passedOver[record.objective, default: []].append(gap)
    }

    /// By name.
    public var ledgers: [ObjectiveLedger] { held.map(\.settled).sorted { $0.terms.name < $1.terms.name } }

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
