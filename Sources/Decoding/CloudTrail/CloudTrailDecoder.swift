import TelemetryModel

/// Decodes CloudTrail records of every category (management, data, Insights, network activity).
///
/// Accepted: one record, `{"Records": […]}` as CloudTrail delivers to S3, arrays, JSON lines, records one after another, and
/// any of these in a row; white space and a byte order mark at the start mean nothing. A record needs an `eventTime`
/// and nothing else. One that is broken or has none goes to the consumer as a rejection with its original bytes, and the
/// rest is decoded. Of a key that an object repeats, the last counts.
///
/// Uses one thread; keeps its memory from message to message.
public struct CloudTrailDecoder: ~Copyable {
    var sourceTimes: SourceTimes {
        get { records.sourceTimes }
        set { records.sourceTimes = newValue }
    }

    private var records: JSONRecordDecoder<CloudTrailFormat>

    /// `projection` is of kind `cloudTrail`.
    public init(projection: Projection, limits: DecodingLimits = DecodingLimits()) {
        records = JSONRecordDecoder(projection: projection, limits: limits)
    }

    /// Decodes a message whose first record has the index `firstRecord`. Returns how many records there were, decoded and
    /// rejected together.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        records.decode(payload, firstRecord: firstRecord, to: &consumer)
    }
}

struct CloudTrailFormat: JSONEventFormat {
    static var kind: EventKind { .cloudTrail }
    static var recordsKey: StaticString? { "Records" }
    static var isCompacting: Bool { false }

    var sourceTimes = SourceTimes()

    init(projection: Projection) {}

    static func tree(for projection: Projection) -> ProjectionTree {
        var tree = ProjectionTree()
        for (slot, field) in projection.fields.enumerated() { tree.add(field.components, slot: slot) }
        tree.add([.key("eventTime")], required: 0)
        return tree
    }

    @inline(__always)
    mutating func finish(
        _ required: RequiredValues, of payload: RawSpan, place: Range<Int>, _ batch: inout EventBatch
    ) throws(RecordFault) -> Timestamp {
        let value = required[0]
        guard value.isPresent else { throw RecordFault(.missingField, "no eventTime", at: place.lowerBound) }
        // An escape in a time is legal JSON that nobody writes; its text is no time either way.
        guard value.kind == .text else {
            throw RecordFault(.invalidField, "eventTime is not a plain string", at: place.lowerBound)
        }
        switch EventTime.parse(payload, value.offset..<value.offset + value.length) {
        case .time(let time):
            if SourceTimes.isUnset(time) {
                return try sourceTimes.checked(time, named: "eventTime", of: payload, at: place.lowerBound)
            }
            return time
        case .malformed: throw RecordFault(.invalidField, "eventTime is not a time", at: value.offset)
        case .outOfRange:
            throw RecordFault(.outOfRange, "eventTime is not between 1677 and 2262", at: value.offset)
        }
    }
}
