import TelemetryModel

extension ObjectiveLedger {
    /// Takes a block of this objective as it was published, before anything is counted in it; false, and nothing is
    /// done, when it belongs to another objective or was cut into slices of another length.
    public mutating func adopt(_ record: WindowRecord) -> Bool {
        guard record.terms.name == terms.name, record.terms.method.sliceNanoseconds == sliceNanoseconds else {
            return false
        }
        restore(record)
        return true
    }
}
