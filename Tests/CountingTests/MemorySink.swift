import Decoding
import TelemetryModel

@testable import Counting

/// Keeps what a counter puts out one by one.
final class MemorySink: RecordSink {
    var audits: [[UInt8]] = []
    var reasons: [RejectionReason] = []
    /// Beside `reasons`.
    var positions: [SourcePosition] = []
    var rests: [(rest: MessageRejections.Rest, message: [UInt8], position: SourcePosition)] = []

    func audit(_ record: [UInt8], at position: SourcePosition) { audits.append(record) }
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        reasons.append(rejection.reason)
        positions.append(position)
    }
    func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition) {
        rests.append((rest, Array(copying: message), position))
    }
}
