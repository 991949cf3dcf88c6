import Alerting
import JSON
import TelemetryModel

// Key: pagerduty/3/7/slo/api/page/… Value:
// {"sink":"pagerduty","partition":3,"writer":7,"dedup_key":"slo/api/page/…","said":"open",
//  "time":"2026-11-20T10:05:00Z","epoch":12,"version":1}

/// A record of the topic of notifications: an entry of a sink's log.
public struct NotificationRecord: Sendable, Equatable {
    public let sink: String
    /// Of the feed.
    public let partition: Int32
    public let key: DedupKey
    /// The generation of the sink's group in which it was written.
    public let writer: Int32
    /// Nil takes the record back.
    public let entry: NotificationEntry?

    public init(sink: String, partition: Int32, key: DedupKey, writer: Int32, entry: NotificationEntry?) {
        self.sink = sink
        self.partition = partition
        self.key = key
        self.writer = writer
        self.entry = entry
    }

    /// Sinks' names have no slash.
    public var compactionKey: String { "\(sink)/\(partition)/\(writer)/\(key.text)" }

    public var json: [UInt8]? { json(in: .first) }

    public func json(in form: RecordForm) -> [UInt8]? {
        guard let entry else { return nil }
        var json = JSONWriter()
        json.beginObject()
        json.member("sink", sink)
        json.member("partition", partition)
        json.member("writer", writer)
        json.member("dedup_key", key.text)
        json.member("said", entry.said.rawValue)
        json.member("time", entry.time.description)
        json.member("epoch", entry.epoch)
        json.recordVersion(form.ofUndefined)
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
        let parts = text.dropFirst(prefix.count).split(separator: UInt8(ascii: "/"), maxSplits: 2)
            .map { String(decoding: $0, as: UTF8.self) }
        var cursor = JSONCursor(value)
        guard parts.count == 3, let partition = Int32(parts[0]), let writer = Int32(parts[1]),
            let key = DedupKey(text: parts[2])
        else { throw cursor.refusal("a key of the form sink/partition/writer/dedup key") }
        if value.isEmpty {
            self.init(sink: sink, partition: partition, key: key, writer: writer, entry: nil)
            return
        }
        do throws(JSONCursorError) {
            let entry = try NotificationEntry(reading: &cursor)
            self.init(sink: sink, partition: partition, key: key, writer: writer, entry: entry)
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
