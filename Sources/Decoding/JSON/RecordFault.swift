import TelemetryModel

/// Why one record of a JSON format can't become an event.
struct RecordFault: Error {
    let reason: RejectionReason
    let detail: String
    /// In the payload.
    let offset: Int

    init(_ reason: RejectionReason, _ detail: String, at offset: Int) {
        self.reason = reason
        self.detail = detail
        self.offset = offset
    }

    init(_ error: JSONError) {
        self.init(error.reason, error.detail, at: error.offset)
    }
}
