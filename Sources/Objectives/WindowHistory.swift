/// Ledgers put together from window records, in the order in which they were written.
///
/// A later record replaces an earlier one of the same objective and block. The newest record's terms are the
/// objective's: counts do not depend on window, target or method, so a changed target is judged over the old counts.
/// Only another length of slice cannot be joined to what was counted before; then history starts anew, and
/// `supersededRecords` says what was passed over.
public struct WindowHistory: Sendable {
    private var ledgersByName: [String: ObjectiveLedger] = [:]
    /// Blocks of an objective's earlier slice length, which no report can use.
    public private(set) var supersededRecords = 0

    public init() {}

    public mutating func add(_ record: WindowRecord) {
        let name = record.terms.name
        // Taken out, so that the ledger is not copied when it is written to.
        var ledger = ledgersByName.removeValue(forKey: name) ?? ObjectiveLedger(terms: record.terms)
        if ledger.terms != record.terms {
            let records = ledger.records
            ledger = ObjectiveLedger(terms: record.terms)
            if records.first?.terms.method.sliceNanoseconds == ledger.sliceNanoseconds {
                for record in records { ledger.restore(record) }
            } else {
                supersededRecords += records.count
            }
        }
        ledger.restore(record)
        ledgersByName[name] = ledger
    }

    /// By name.
    public var ledgers: [ObjectiveLedger] { ledgersByName.values.sorted { $0.terms.name < $1.terms.name } }
}
