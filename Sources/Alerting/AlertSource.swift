import JSON
import TelemetryModel

/// Records of one source, of which some are behind an alert: from the first to the last that has events of the time that was judged.
public struct AlertSource: Sendable, Hashable {
    public var first: SourcePosition
    /// An offset in the partition, or a zero-based index in the file; inclusive.
    public var last: Int64
    /// A topic that was deleted and made anew counts its offsets from the start.
    public var incarnation: Int32

    public init(first: SourcePosition, last: Int64, incarnation: Int32 = 0) {
        (self.first, self.last, self.incarnation) = (first, last, incarnation)
    }
}

extension AlertSource {
    /// `{"topic":"t","partition":1,"offset":5,"record":0,"last_offset":90}` or `{"file":"f","record":4,"last_record":90}`.
    ///
    /// Releases that know exact positions alone read the first one.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        first.writeMembers(to: &json)
        switch first {
        case .file: json.member("last_record", last)
        case .kafka:
            json.member("last_offset", last)
            if incarnation != 0 { json.member("incarnation", incarnation) }
        }
        json.endObject()
    }
}
