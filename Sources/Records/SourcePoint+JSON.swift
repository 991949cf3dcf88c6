import Accounting
import JSON
import TelemetryModel

extension SourcePartition {
    /// As the member `source`.
    func write(to json: inout JSONWriter) {
        json.key("source")
        json.beginObject()
        json.member("topic", topic)
        json.member("partition", partition)
        json.endObject()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var topic: String?
        var partition: Int32?
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "topic": topic = try cursor.string()
            case "partition": partition = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        guard let topic, let partition else { throw cursor.refusal("a topic and a partition") }
        self.init(topic: topic, partition: partition)
    }
}

extension SourcePoint {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        if incarnation != 0 { json.member("incarnation", incarnation) }
        json.member("offset", offset)
        json.endObject()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var incarnation: Int32 = 0
        var offset: Int64?
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "incarnation": incarnation = try cursor.integer()
            case "offset": offset = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        self.init(incarnation: incarnation, offset: offset ?? -1)
        guard isValid else { throw cursor.refusal("an offset and an incarnation from 0") }
    }
}

extension OwnerEpoch {
    /// - Throws: for what no owner could have written, and no successor follow.
    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        self.init(rawValue: try cursor.integer())
        guard isValid else { throw cursor.refusal("an epoch") }
    }
}

extension SourceProgress {
    /// As members; what is not known is left out.
    func write(to json: inout JSONWriter, in form: RecordForm) {
        if let watermark { json.member("watermark", watermark.description) }
        if let idleThrough { json.member("idle_through", idleThrough.description) }
        if let tail {
            json.key("tail")
            json.beginObject()
            json.member("timestamp_ms", tail.timestampMilliseconds)
            json.member("bytes", tail.byteCount)
            json.endObject()
        }
        if form >= .definitions, let clock { json.member("clock", clock.description) }
    }
}

extension RecordFingerprint {
    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var timestamp: Int64?
        var bytes: Int?
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "timestamp_ms": timestamp = try cursor.integer()
            case "bytes": bytes = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        guard let timestamp, let bytes else { throw cursor.refusal("a time and a size") }
        self.init(timestampMilliseconds: timestamp, byteCount: bytes)
    }
}

extension JSONCursor {
    mutating func timestamp() throws(JSONCursorError) -> Timestamp {
        let text = try string()
        guard let time = Timestamp(rfc3339: text) else { throw refusal("an RFC 3339 time") }
        return time
    }
}
