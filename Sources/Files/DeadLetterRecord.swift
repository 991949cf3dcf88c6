import Foundation
import JSON
import TelemetryModel

/// The JSON of a record that could not be decoded, as `decode --dead-letter` and `replay` write it.
public enum DeadLetterRecord {
    /// `{"position", "reason", "detail", "byte_offset", "payload"}`; the payload is base64.
    public static func write(
        _ rejection: borrowing Rejection, at position: SourcePosition, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.key("position")
        position.write(to: &json)
        json.member("reason", rejection.reason.rawValue)
        json.member("detail", rejection.detail)
        json.member("byte_offset", rejection.byteOffset)
        json.member("payload", Data(copying: rejection.original).base64EncodedString())
        json.endObject()
    }
}

extension Data {
    package init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Data($0) }
    }
}
