import TelemetryModel

/// What is wrong with a metric, and where.
struct MetricFault: Error {
    let reason: RejectionReason
    /// Without any of the payload.
    let detail: String
    /// In bytes, from the start of the span that was read.
    let offset: Int

    init(_ reason: RejectionReason, _ detail: String, at offset: Int) {
        self.reason = reason
        self.detail = detail
        self.offset = offset
    }
}
