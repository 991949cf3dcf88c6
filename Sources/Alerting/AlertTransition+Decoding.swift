import JSON
import TelemetryModel

/// Why bytes are no record of the alert feed.
public enum AlertRecordError: Error, Equatable {
    /// Not JSON, or a field missing or of another type.
    case malformed(String)
    /// A field whose value cannot be.
    case invalid(field: String, value: String, expected: String)
    /// Written by a release that is newer.
    case newerVersion(String)
}

extension AlertRecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "not an alert record: \(reason)"
        case .invalid(let field, let value, let expected): "alert record: \(field) is \(value), expected \(expected)"
        case .newerVersion(let text): text
        }
    }
}

extension AlertTransition {
    /// Reads a record of the feed back.
    public init(json bytes: [UInt8]) throws(AlertRecordError) {
        var cursor = JSONCursor(bytes)
        var fields = AlertFields()
        do throws(JSONCursorError) {
            try fields.read(from: &cursor)
            try cursor.end()
        } catch {
            // A newer form may differ anywhere.
            let error = error.orNewerVersion(of: bytes)
            if case .newerVersion = error.reason { throw .newerVersion("\(error)") }
            throw .malformed("\(error)")
        }
        self = try fields.transition()
    }
}

/// What was read of a record, before anything of it is believed; members may come in any order.
private struct AlertFields {
    private var texts: [String: String] = [:]
    private var kind: String?
    private var labels: [String: String]?
    private var annotations: [String: String] = [:]
    private var details: [String: AlertValue]?
    private var links: [Alert.Link]?
    private var sources: [SourceFields]?
    private var sourcesLeftOut = 0

    private struct SourceFields {
        var file: String?
        var topic: String?
        var partition: Int32?
        var offset: Int64?
        var record = 0
        /// Of a release that knows exact positions alone there is none.
        var last: Int64?
        var incarnation: Int32 = 0
    }

    private static let textNames: Set<String> = [
        "dedup_key", "status", "severity", "summary", "reason", "source", "time", "opened_at",
    ]

    mutating func read(from cursor: inout JSONCursor) throws(JSONCursorError) {
        try cursor.beginObject()
        while let name = try cursor.nextKey() {
            switch name {
            case "class": kind = try cursor.takeNull() ? nil : try cursor.string()
            case "labels": labels = try AlertFields.texts(from: &cursor)
            case "annotations": annotations = try cursor.takeNull() ? [:] : try AlertFields.texts(from: &cursor)
            case "details": details = try AlertValue.members(reading: &cursor)
            case "links": links = try AlertFields.links(from: &cursor)
            case "sources": sources = try AlertFields.sources(from: &cursor)
            case "sources_left_out": sourcesLeftOut = try cursor.integer()
            case RecordVersion.member: try cursor.recordVersion()
            case _ where AlertFields.textNames.contains(name): texts[name] = try cursor.string()
            // `component` and `group` are said by the labels too.
            default: try cursor.skipValue()
            }
        }
    }

    func transition() throws(AlertRecordError) -> AlertTransition {
        guard let labels, let details, let links, let sources else {
            throw .malformed("labels, details, links or sources are missing")
        }
        let text = try text("dedup_key")
        guard let key = DedupKey(text: text) else {
            throw .invalid(
                field: "dedup_key", value: "\(text.utf8.count) bytes long", expected: "1 to 255 characters")
        }
        var alert = Alert(
            dedupKey: key, severity: try choice("severity"), status: try choice("status"),
            summary: try self.text("summary"), source: try self.text("source"), time: try time("time"),
            openedAt: try time("opened_at"))
        (alert.kind, alert.labels, alert.annotations) = (kind, labels, annotations)
        (alert.details, alert.links) = (details, links)
        var read: [AlertSource] = []
        for source in sources { read.append(try AlertFields.source(source)) }
        return AlertTransition(
            alert: alert, reason: try self.text("reason"), sources: read, sourcesLeftOut: max(0, sourcesLeftOut))
    }

    // MARK: Fields

    private func text(_ field: String) throws(AlertRecordError) -> String {
        guard let text = texts[field] else { throw .malformed("\(field) is missing") }
        return text
    }

    private func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ field: String
    ) throws(AlertRecordError) -> Value {
        let text = try text(field)
        guard let value = Value(rawValue: text) else {
            throw .invalid(
                field: field, value: text, expected: Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    private func time(_ field: String) throws(AlertRecordError) -> Timestamp {
        let text = try text(field)
        guard let time = Timestamp(rfc3339: text) else {
            throw .invalid(field: field, value: text, expected: "an RFC 3339 time")
        }
        return time
    }

    private static func source(_ source: SourceFields) throws(AlertRecordError) -> AlertSource {
        if let file = source.file {
            return AlertSource(
                first: .file(name: file, record: source.record), last: source.last ?? Int64(source.record))
        }
        guard let topic = source.topic, let partition = source.partition, let offset = source.offset else {
            throw .invalid(
                field: "sources", value: "incomplete", expected: "a file, or a topic, a partition and an offset")
        }
        return AlertSource(
            first: .kafka(topic: topic, partition: partition, offset: offset, record: source.record),
            last: source.last ?? offset, incarnation: source.incarnation)
    }

    // MARK: Values

    private static func texts(from cursor: inout JSONCursor) throws(JSONCursorError) -> [String: String] {
        var texts: [String: String] = [:]
        try cursor.beginObject()
        while let name = try cursor.nextKey() { texts[name] = try cursor.string() }
        return texts
    }

    private static func links(from cursor: inout JSONCursor) throws(JSONCursorError) -> [Alert.Link] {
        var links: [Alert.Link] = []
        try cursor.beginArray()
        while try cursor.nextElement() {
            var (href, text) = (String?.none, String?.none)
            try cursor.beginObject()
            while let name = try cursor.nextKey() {
                switch name {
                case "href": href = try cursor.string()
                case "text": text = try cursor.takeNull() ? nil : try cursor.string()
                default: try cursor.skipValue()
                }
            }
            guard let href else { throw cursor.refusal("a link's href") }
            links.append(Alert.Link(href: href, text: text))
        }
        return links
    }

    private static func sources(from cursor: inout JSONCursor) throws(JSONCursorError) -> [SourceFields] {
        var sources: [SourceFields] = []
        try cursor.beginArray()
        while try cursor.nextElement() {
            var source = SourceFields()
            var hasRecord = false
            try cursor.beginObject()
            while let name = try cursor.nextKey() {
                switch name {
                case "file": source.file = try cursor.takeNull() ? nil : try cursor.string()
                case "topic": source.topic = try cursor.takeNull() ? nil : try cursor.string()
                case "partition": source.partition = try cursor.takeNull() ? nil : try cursor.integer()
                case "offset": source.offset = try cursor.takeNull() ? nil : try cursor.integer()
                case "last_offset", "last_record": source.last = try cursor.integer()
                case "incarnation": source.incarnation = try cursor.integer()
                case "record": (source.record, hasRecord) = (try cursor.integer(), true)
                default: try cursor.skipValue()
                }
            }
            guard hasRecord else { throw cursor.refusal("a source's record") }
            sources.append(source)
        }
        return sources
    }
}

extension AlertValue {
    /// A number keeps its own text.
    fileprivate init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        switch try cursor.kind() {
        case .null:
            _ = try cursor.takeNull()
            self = .null
        case .bool: self = .bool(try cursor.bool())
        case .string: self = .text(try cursor.string())
        case .number: self = .number(try cursor.sourceText())
        case .array:
            var values: [AlertValue] = []
            try cursor.beginArray()
            while try cursor.nextElement() { values.append(try AlertValue(reading: &cursor)) }
            self = .list(values)
        case .object: self = .object(try AlertValue.members(reading: &cursor))
        }
    }

    fileprivate static func members(reading cursor: inout JSONCursor) throws(JSONCursorError) -> [String: AlertValue] {
        var members: [String: AlertValue] = [:]
        try cursor.beginObject()
        while let name = try cursor.nextKey() { members[name] = try AlertValue(reading: &cursor) }
        return members
    }
}
