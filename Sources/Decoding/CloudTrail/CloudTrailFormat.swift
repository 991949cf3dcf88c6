import TelemetryModel

/// CloudTrail records of every category (management, data, Insights, network activity) as a format of `JSONRecordDecoder`.
///
/// A record needs an `eventTime` and nothing else. Of a key that an object repeats, the last counts.
struct CloudTrailFormat: JSONEventFormat {
    static var kind: EventKind { .cloudTrail }
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
        guard value.isText else {
            throw RecordFault(.invalidField, "eventTime is not a string", at: place.lowerBound)
        }
        if value.kind == .arenaText { return try escapedTime(payload, place) }
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

    /// The time of a record that writes it with escapes, which legal JSON may do: found again and unescaped.
    @inline(never)
    private func escapedTime(_ payload: RawSpan, _ place: Range<Int>) throws(RecordFault) -> Timestamp {
        var text: [UInt8] = []
        do throws(JSONError) {
            var reader = JSONReader(payload, at: place.lowerBound, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard reader.isEqual(key, "eventTime"), try reader.kind() == .string else {
                    try reader.skipValue()
                    continue
                }
                text.removeAll()
                reader.unescape(try reader.string(), into: &text)
            }
        } catch {
            throw RecordFault(error)
        }
        switch unsafe EventTime.parse(text.span.bytes, 0..<text.count) {
        case .time(let time):
            return try sourceTimes.checked(time, named: "eventTime", of: payload, at: place.lowerBound)
        case .malformed: throw RecordFault(.invalidField, "eventTime is not a time", at: place.lowerBound)
        case .outOfRange:
            throw RecordFault(.outOfRange, "eventTime is not between 1677 and 2262", at: place.lowerBound)
        }
    }
}
