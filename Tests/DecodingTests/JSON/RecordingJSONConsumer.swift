import Decoding
import TelemetryModel

/// Keeps what a JSON decoder hands over, as text that tests can compare.
struct RecordingJSONConsumer: EventConsumer, ~Copyable {
    struct Row: Equatable {
        var time: Timestamp
        var index: Int
        var record: String
        var values: [String]
    }
    struct Refusal: Equatable {
        var reason: RejectionReason
        var index: Int
        var byteOffset: Int
        var original: String
        var detail: String
    }

    var rows: [Row] = []
    var refusals: [Refusal] = []
    /// Records' indexes in the order of the calls.
    var order: [Int] = []

    static func text(_ bytes: RawSpan) -> String {
        var copy: [UInt8] = []
        for place in 0..<bytes.byteCount { copy.append(unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)) }
        return String(decoding: copy, as: UTF8.self)
    }

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for place in 0..<batch.count {
            let row = batch.row(place, of: payload)
            var values: [String] = []
            for slot in 0..<batch.width {
                let value = row[slot]
                switch value.kind {
                case .absent: values.append("-")
                case .null: values.append("null")
                case .bool: values.append("\(value.boolValue)")
                case .integer: values.append("\(value.integerValue)")
                case .double: values.append("\(value.doubleValue)d")
                case .text, .arenaText: values.append("'\(Self.text(row.bytes(of: value)))'")
                case .json, .arenaJSON: values.append(Self.text(row.bytes(of: value)))
                }
            }
            let record = Self.text(row.recordBytes)
            rows.append(Row(time: row.time, index: row.record.index, record: record, values: values))
            order.append(row.record.index)
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        refusals.append(
            Refusal(
                reason: rejection.reason, index: rejection.recordIndex, byteOffset: rejection.byteOffset,
                original: Self.text(rejection.original), detail: rejection.detail))
        order.append(rejection.recordIndex)
    }
}

extension FieldPath {
    static func of(_ text: String) -> FieldPath { FieldPath.parse(text)! }
}
