import JSON
import TelemetryModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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
        // Before the form is looked at: a newer one may differ anywhere.
        let unread = JSONCursorError(offset: 0, reason: .endOfInput)
        let newer = unread.orNewerVersion(of: bytes)
        if newer != unread { throw .newerVersion("\(newer)") }
        let wire: Wire
        do {
            let decoder = JSONDecoder()
            wire = try decoder.decode(Wire.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(AlertTransition.reason(error))
        } catch {
            throw .malformed("\(error)")
        }
        guard let key = DedupKey(text: wire.dedupKey) else {
            throw .invalid(
                field: "dedup_key", value: "\(wire.dedupKey.utf8.count) bytes long", expected: "1 to 255 characters")
        }
        let alert = Alert(
            dedupKey: key, severity: try AlertTransition.choice("severity", wire.severity),
            status: try AlertTransition.choice("status", wire.status), summary: wire.summary, source: wire.source,
            kind: wire.kind, time: try AlertTransition.time("time", wire.time),
            openedAt: try AlertTransition.time("opened_at", wire.openedAt), labels: wire.labels,
            annotations: wire.annotations ?? [:], details: wire.details,
            links: wire.links.map { Alert.Link(href: $0.href, text: $0.text) })
        var sources: [SourcePosition] = []
        for source in wire.sources {
            if let file = source.file {
                sources.append(.file(name: file, record: source.record))
            } else if let topic = source.topic, let partition = source.partition, let offset = source.offset {
                sources.append(.kafka(topic: topic, partition: partition, offset: offset, record: source.record))
            } else {
                throw .invalid(
                    field: "sources", value: "incomplete", expected: "a file, or a topic, a partition and an offset")
            }
        }
        self.init(alert: alert, reason: wire.reason, sources: sources)
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ field: String, _ text: String
    ) throws(AlertRecordError) -> Value {
        guard let value = Value(rawValue: text) else {
            throw .invalid(
                field: field, value: text, expected: Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    private static func time(_ field: String, _ text: String) throws(AlertRecordError) -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw .invalid(field: field, value: text, expected: "an RFC 3339 time")
        }
        return time
    }

    private static func reason(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(path(context)) has another type than expected"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "\(path(context)) is out of range"
        @unknown default: "unreadable"
        }
    }
}

/// The record as it stands in JSON, before anything is believed.
private struct Wire: Decodable {
    struct Link: Decodable {
        var href: String
        var text: String?
    }

    struct Source: Decodable {
        var file: String?
        var topic: String?
        var partition: Int32?
        var offset: Int64?
        var record: Int
    }

    var dedupKey: String
    var status: String
    var severity: String
    var summary: String
    var reason: String
    var source: String
    var kind: String?
    var time: String
    var openedAt: String
    var labels: [String: String]
    var annotations: [String: String]?
    var details: [String: AlertValue]
    var links: [Link]
    var sources: [Source]

    // Named here and not by a strategy for all keys, which would rename those of labels and details too.
    enum CodingKeys: String, CodingKey {
        case dedupKey = "dedup_key"
        case status, severity, summary, reason, source
        case kind = "class"
        case time
        case openedAt = "opened_at"
        case labels, annotations, details, links, sources
    }
}

extension AlertValue: Decodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let value = try? container.decode(Decimal.self) {
            self = .number(value.description)
        } else if let value = try? container.decode(Double.self) {
            // Past a Decimal's range of 10^127.
            self = .number(value)
        } else if let values = try? container.decode([AlertValue].self) {
            self = .list(values)
        } else {
            self = .object(try container.decode([String: AlertValue].self))
        }
    }
}
