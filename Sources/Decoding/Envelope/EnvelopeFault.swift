import TelemetryModel

/// What is wrong with an envelope, or with what holds it.
struct EnvelopeFault: Error {
    let reason: RejectionReason
    let detail: String
    /// From the start of the bytes that are rejected.
    let offset: Int

    init(_ reason: RejectionReason, _ detail: String, at offset: Int = 0) {
        self.reason = reason
        self.detail = detail
        self.offset = offset
    }

    init(_ error: JSONError) {
        self.init(error.reason, error.detail, at: error.offset)
    }

    init(_ error: GzipError, limits: DecodingLimits) {
        switch error.cause {
        case .truncated: self.init(.invalidCompression, "the gzip stream is cut off", at: error.offset)
        case .corrupt: self.init(.invalidCompression, "the gzip stream is corrupt", at: error.offset)
        case .trailingBytes: self.init(.invalidCompression, "bytes that are no gzip after its end", at: error.offset)
        case .tooLarge:
            self.init(.tooLarge, "expands to more than \(limits.expandedBytesText)", at: error.offset)
        case .outOfMemory: self.init(.tooLarge, "no memory to inflate the gzip stream", at: error.offset)
        }
    }
}
