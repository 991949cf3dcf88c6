import Decoding
import TelemetryModel

/// A value of a decoded field, apart from the bytes that it came from.
enum PlainValue: Hashable, CustomStringConvertible {
    case integer(Int64)
    case double(Double)
    case text(String)
    case json(String)
    case bool(Bool)
    case null

    var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .json(let value): value
        case .bool(let value): "\(value)"
        case .null: "null"
        }
    }
}

/// Keeps all that a decoder says, in order.
struct PlainCollector: EventConsumer, ~Copyable {
    struct Record: Equatable {
        var index: Int
        /// Nanoseconds since the epoch; `nil` for a rejection.
        var time: Int64?
        var fields: [String: PlainValue] = [:]
        var reason: RejectionReason?
        var detail = ""
        var byteOffset = 0
        var bytes: [UInt8] = []
        var kind: EventKind?
    }

    var records: [Record] = []
    var events: [Record] { records.filter { $0.reason == nil } }
    var rejections: [Record] { records.filter { $0.reason != nil } }

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            var record = Record(index: event.record.index, time: event.time.nanoseconds)
            record.kind = batch.projection.kind
            record.bytes = copy(event.recordBytes)
            for (slot, path) in batch.projection.fields.enumerated() {
                let value = event[slot]
                switch value.kind {
                case .absent: break
                case .null: record.fields[path.description] = .null
                case .bool: record.fields[path.description] = .bool(value.boolValue)
                case .integer: record.fields[path.description] = .integer(value.integerValue)
                case .double: record.fields[path.description] = .double(value.doubleValue)
                case .text, .arenaText:
                    record.fields[path.description] = .text(
                        String(decoding: copy(event.bytes(of: value)), as: UTF8.self))
                case .json, .arenaJSON:
                    record.fields[path.description] = .json(
                        String(decoding: copy(event.bytes(of: value)), as: UTF8.self))
                }
            }
            records.append(record)
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        if !rejection.part.beginsRecord {
            records[records.count - 1].bytes += copy(rejection.original)
            records[records.count - 1].detail = rejection.detail
            return
        }
        records.append(
            Record(
                index: rejection.recordIndex, reason: rejection.reason, detail: rejection.detail,
                byteOffset: rejection.byteOffset, bytes: copy(rejection.original)))
    }

    private func copy(_ bytes: RawSpan) -> [UInt8] {
        (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}

/// Decodes with every field of `fields` (version 2 when `nil`) projected.
func decodeFlowLog(_ bytes: [UInt8], fields: String? = nil, project: [String]? = nil) throws -> [PlainCollector.Record]
{
    let list = try fields.map { try FlowLogFieldList($0) }
    let names = project ?? (list ?? .version2).columns.map(\.name)
    var decoder = FlowLogDecoder(
        projection: Projection(kind: .vpcFlow, fields: names.map { FieldPath(keys: $0) }), fields: list)
    var collector = PlainCollector()
    let count = decoder.decode(bytes.span.bytes, firstRecord: 0, to: &collector)
    guard count == collector.records.count else { throw LostRecords(counted: count, seen: collector.records.count) }
    return collector.records
}

struct LostRecords: Error {
    let counted: Int
    let seen: Int
}
