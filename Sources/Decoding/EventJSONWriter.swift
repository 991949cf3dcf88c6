import JSON
import TelemetryModel
import Text

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
        output.append(0x7B)
        var needsComma = false
        var isInValue = false
        for column in columns {
            let value = event[column.slot]
            if value.kind == .absent { continue }
            if column.isInValue != isInValue {
                if needsComma { output.append(0x2C) }
                output.append(contentsOf: "\"value\":{".utf8)
                isInValue = true
                needsComma = false
            }
            if needsComma { output.append(0x2C) }
            needsComma = true
            output.append(contentsOf: column.key)
            append(value, of: event, to: &output)
        }
        // Paths below `value` come last in the projection.
        if isInValue { output.append(0x7D) }
        output.append(0x7D)
    }

    private func append(_ value: FieldValue, of event: borrowing EventView, to output: inout [UInt8]) {
        switch value.kind {
        case .absent, .null: output.append(contentsOf: "null".utf8)
        case .bool: output.append(contentsOf: value.boolValue ? "true".utf8 : "false".utf8)
        case .integer: output.append(contentsOf: String(value.integerValue).utf8)
        case .double:
            // JSON has no word for what is not finite.
            let text = value.doubleValue.isFinite ? "\(value.doubleValue)" : "null"
            output.append(contentsOf: text.utf8)
        case .text, .arenaText:
            let bytes = event.bytes(of: value)
            output.append(0x22)
            for place in 0..<bytes.byteCount { JSONWriter.append(escaped: bytes.byte(place), to: &output) }
            output.append(0x22)
        case .json, .arenaJSON:
            let bytes = event.bytes(of: value)
            JSONMinifier.append(bytes, 0..<bytes.byteCount, to: &output)
        }
    }
}
