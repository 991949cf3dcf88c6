import Alerting
import JSON
import TelemetryModel

// Key: pagerduty/7/slo/api/page-quick/… Value:
// {"sink":"pagerduty","dedup_key":"slo/api/page-quick/…","writer":7,"said":"open","time":"2026-11-20T10:05:00Z","epoch":12,
//  "version":1}

/// A record of the topic of notifications: an entry of a sink's log.
public struct NotificationRecord: Sendable, Equatable {
    public let sink: String
    public let key: DedupKey
    /// The generation of the sink's group in which it was written.
    public let writer: Int32
    /// Nil takes the record back.
    public let entry: NotificationEntry?

    public init(sink: String, key: DedupKey, writer: Int32, entry: NotificationEntry?) {
        self.sink = sink
        self.key = key
        self.writer = writer
        self.entry = entry
    }

    /// Sinks' names have no slash.
    public var compactionKey: String { "\(sink)/\(writer)/\(key.text)" }

    public var json: [UInt8]? {
        guard let entry else { return nil }
        var json = JSONWriter()
        json.beginObject()
        json.member("sink", sink)
        json.member("dedup_key", key.text)
        json.member("writer", writer)
        json.member("said", entry.said.rawValue)
        json.member("time", entry.time.description)
        json.member("epoch", entry.epoch)
        json.recordVersion(RecordVersion.first)
        json.endObject()
        return json.bytes
    }

    /// Reads a record by its key and its value.
    ///
    /// - Parameter value: empty where the record is taken back.
    /// - Returns: nil for a record of another sink, whose value is not looked at.
    public init?(ofSink sink: String, key text: [UInt8], value: [UInt8]) throws(JSONCursorError) {
        let prefix = Array("\(sink)/".utf8)
        guard text.starts(with: prefix) else { return nil }
        let rest = text.dropFirst(prefix.count).split(separator: UInt8(ascii: "/"), maxSplits: 1)
        var cursor = JSONCursor(value)
        guard rest.count == 2, let writer = Int32(String(decoding: rest[0], as: UTF8.self)),
            let key = DedupKey(text: String(decoding: rest[1], as: UTF8.self))
        else { throw cursor.refusal("a key of the form sink/writer/dedup key") }
        if value.isEmpty {
            self.init(sink: sink, key: key, writer: writer, entry: nil)
            return
        }
        do throws(JSONCursorError) {
            self.init(sink: sink, key: key, writer: writer, entry: try NotificationEntry(reading: &cursor))
        } catch {
            throw error.orNewerVersion(of: value)
        }
    }
}

extension NotificationEntry {
    fileprivate init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var (time, epoch, said) = (Timestamp?.none, Int64(0), Said?.none)
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "said": said = Said(rawValue: try cursor.string())
            case "time": time = Timestamp(rfc3339: try cursor.string())
            case "epoch": epoch = try cursor.integer()
            case RecordVersion.member: try cursor.recordVersion()
            default: try cursor.skipValue()
            }
        }
        guard let said else { throw cursor.refusal("what the sink was told: nothing, open or resolved") }
        guard let time else { throw cursor.refusal("an RFC 3339 time") }
        self.init(time: time, epoch: epoch, said: said)
    }
}
