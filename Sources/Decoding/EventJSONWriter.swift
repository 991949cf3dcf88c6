import JSON
import TelemetryModel

/// Writes a decoded event as JSON, with AWS's own names and nesting.
///
/// CloudTrail is written as it was delivered, without white space. Flow logs and metrics are written from their slots, so
/// the batch must have been decoded with `fullProjection`; a field that is absent is left out.
public struct EventJSONWriter: Sendable {
    private let kind: EventKind
    private let projection: Projection
    private let columns: [Column]

    /// A slot and how its member is written.
    private struct Column: Sendable {
        let slot: Int
        /// The name in quotes, and a colon.
        let key: [UInt8]
        /// Whether the member is inside of `value`.
        let isInValue: Bool
    }

    /// Every field that an event of the kind can have. `flowFields` adds columns whose names no version knows.
    public static func fullProjection(_ kind: EventKind, flowFields: FlowLogFieldList? = nil) -> Projection {
        let fields: [FieldPath] =
            switch kind {
            case .cloudTrail: []
            case .vpcFlow:
                FlowLogField.allCases.map { FieldPath(keys: $0.rawValue) }
                    + (flowFields?.columns ?? []).compactMap {
                        if case .other(let name) = $0 { FieldPath(keys: name) } else { nil }
                    }
            case .metric:
                [
                    "account_id", "region", "namespace", "metric_name", "dimensions", "unit", "kind", "temporality",
                    "start_timestamp",
                ].map { FieldPath(keys: $0) }
                    + ["max", "min", "sum", "count", "quantiles", "statistics"].map { FieldPath(keys: "value", $0) }
            }
        return Projection(kind: kind, fields: fields, keepsUnknownColumns: kind == .vpcFlow)
    }

    /// Whether this is the writer for batches of a projection: that of flow logs grows with the columns of header lines.
    public func writes(_ projection: Projection) -> Bool { projection == self.projection }

    /// For batches of `projection`, which is a `fullProjection` or one that a decoder made of it.
    public init(_ projection: Projection) {
        self.projection = projection
        kind = projection.kind
        columns = projection.fields.enumerated().map { slot, path in
            var key: [UInt8] = []
            if case .key(let name)? = path.components.last { JSONWriter.append(string: name, to: &key) }
            key.append(0x3A)
            return Column(slot: slot, key: key, isInValue: path.components.count > 1)
        }
    }

    /// Appends the event as one JSON object.
    public func append(_ event: borrowing EventView, to output: inout [UInt8]) {
        if kind == .cloudTrail {
            let record = event.recordBytes
            JSONMinifier.append(record, 0..<record.byteCount, to: &output)
            return
        }
        // The writer holds the bytes alone meanwhile, so that none are copied.
        var json = JSONWriter(appendingTo: output)
        output = []
        json.beginObject()
        var isInValue = false
        for column in columns {
            let value = event[column.slot]
            if value.kind == .absent { continue }
            if column.isInValue != isInValue {
                json.key(literal: "value")
                json.beginObject()
                isInValue = true
            }
            json.key { $0.append(contentsOf: column.key) }
            write(value, of: event, to: &json)
        }
        // Paths below `value` come last in the projection.
        if isInValue { json.endObject() }
        json.endObject()
        output = json.bytes
    }

    private func write(_ value: FieldValue, of event: borrowing EventView, to json: inout JSONWriter) {
        switch value.kind {
        case .absent, .null: json.null()
        case .bool: json.bool(value.boolValue)
        case .integer: json.integer(value.integerValue)
        case .double: json.double(value.doubleValue)
        case .text, .arenaText:
            let bytes = event.bytes(of: value)
            json.value { JSONWriter.append(string: bytes, to: &$0) }
        case .json, .arenaJSON:
            let bytes = event.bytes(of: value)
            json.value { JSONMinifier.append(bytes, 0..<bytes.byteCount, to: &$0) }
        }
    }
}
