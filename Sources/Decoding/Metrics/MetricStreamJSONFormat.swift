import TelemetryModel
import Text

/// CloudWatch metric streams in their JSON output format, an object for each metric and timestamp, as a format of
/// `JSONRecordDecoder`: which paths of the event are where in the text.
///
/// A record needs `namespace`, `metric_name`, `timestamp` (milliseconds since the epoch) and `value` with finite `max`,
/// `min`, `sum` and `count`. Additional statistics are beside those four in `value`; here percentiles (`p99`, `p99.9`)
/// become `value.quantiles`, and the others (`tm90`, `IQM`, `PR(:300)`) `value.statistics`, so that the event is the same
/// whatever format it came in. `metric_stream_name` is ignored. Of a key that an object repeats, the last counts.
struct MetricStreamJSONFormat: JSONEventFormat {
    static var kind: EventKind { .metric }
    static var isCompacting: Bool { true }

    /// Places of the required values.
    private static let (namespace, name, timestamp, firstNumber, whole) = (0, 1, 2, 3, 7)
    private static let numbers = ["max", "min", "sum", "count"]

    /// Slots of `value.quantiles` and `value.statistics` as whole objects, which are made from `value`.
    private let quantileSlots: [Int]
    private let statisticSlots: [Int]
    private var scratch: [UInt8] = []

    var sourceTimes = SourceTimes()

    init(projection: Projection) {
        quantileSlots = MetricStreamJSONFormat.slots(of: "quantiles", in: projection)
        statisticSlots = MetricStreamJSONFormat.slots(of: "statistics", in: projection)
    }

    static func tree(for projection: Projection) -> ProjectionTree {
        var tree = ProjectionTree()
        for (slot, field) in projection.fields.enumerated() {
            let path = field.components
            guard path.first == .key("value") else {
                tree.add(path, slot: slot)
                continue
            }
            switch path.dropFirst().first {
            case .key("quantiles"), .key("statistics"):
                guard path.count == 3, case .key(let statistic) = path[2], !numbers.contains(statistic) else {
                    continue
                }
                if isPercentile(Array(statistic.utf8)) == (path[1] == .key("quantiles")) {
                    tree.add([path[0], path[2]], slot: slot, isDouble: true)
                }
            case .key(let number) where path.count == 2 && numbers.contains(number):
                tree.add(path, slot: slot, isDouble: true)
            default: continue
            }
        }
        tree.add([.key("namespace")], required: namespace)
        tree.add([.key("metric_name")], required: name)
        tree.add([.key("timestamp")], required: timestamp)
        for (place, number) in numbers.enumerated() {
            tree.add([.key("value"), .key(number)], required: firstNumber + place, isDouble: true)
        }
        if !(slots(of: "quantiles", in: projection) + slots(of: "statistics", in: projection)).isEmpty {
            tree.add([.key("value")], required: whole)
        }
        return tree
    }

    @inline(__always)
    mutating func finish(
        _ required: RequiredValues, of payload: RawSpan, place: Range<Int>, _ batch: inout EventBatch
    ) throws(RecordFault) -> Timestamp {
        for number in MetricStreamJSONFormat.firstNumber..<MetricStreamJSONFormat.firstNumber + 4
        where required[number].kind != .double {
            throw MetricStreamJSONFormat.fault(in: required, of: payload, record: place.lowerBound)
        }
        guard required[MetricStreamJSONFormat.firstNumber + 3].doubleValue >= 0 else {
            throw RecordFault(.outOfRange, "value.count is negative", at: place.lowerBound)
        }
        guard required[MetricStreamJSONFormat.namespace].isText, required[MetricStreamJSONFormat.name].isText,
            let time = try self.time(required[MetricStreamJSONFormat.timestamp], of: payload, at: place.lowerBound)
        else { throw MetricStreamJSONFormat.fault(in: required, of: payload, record: place.lowerBound) }
        let value = required[MetricStreamJSONFormat.whole]
        if value.isJSON {
            try fill(quantileSlots, percentiles: true, from: payload, value, place, &batch)
            try fill(statisticSlots, percentiles: false, from: payload, value, place, &batch)
        }
        return time
    }

    /// `nil` for a value of the wrong type.
    @inline(__always)
    private func time(
        _ value: FieldValue, of payload: RawSpan, at offset: Int
    ) throws(RecordFault) -> Timestamp? {
        let isMissing = value.kind == .absent || value.kind == .null
        guard value.kind == .integer || isMissing else { return nil }
        guard let time = Timestamp(milliseconds: isMissing ? 0 : value.integerValue) else {
            throw RecordFault(.outOfRange, "timestamp is not between 1677 and 2262", at: offset)
        }
        if SourceTimes.isUnset(time) {
            return try sourceTimes.checked(time, named: "timestamp", of: payload, at: offset)
        }
        return time
    }

    /// Says which required value is missing or of the wrong type.
    private static func fault(in required: RequiredValues, of payload: RawSpan, record: Int) -> RecordFault {
        let names: [(place: Int, name: String)] =
            [(namespace, "namespace"), (name, "metric_name"), (timestamp, "timestamp")]
            + numbers.enumerated().map { (firstNumber + $0.offset, "value.\($0.element)") }
        for (place, name) in names {
            let value = required[place]
            // A number beyond a double's range comes as the text that it is written with.
            if place >= firstNumber, value.kind == .text, payload.byte(value.offset - 1) != 0x22 {
                return RecordFault(.outOfRange, "\(name) is outside the range of a double", at: record)
            }
            if value.kind == .absent { return RecordFault(.missingField, "no \(name)", at: record) }
            let isRight =
                place < timestamp ? value.isText : place == timestamp ? value.kind == .integer : value.kind == .double
            if !isRight { return RecordFault(.invalidField, "\(name) is of the wrong type", at: record) }
        }
        return RecordFault(.invalidField, "not a metric", at: record)
    }

    /// Makes one of the two objects of additional statistics, in the input's order; leaves the slots absent when it has none.
    private mutating func fill(
        _ slots: [Int], percentiles: Bool, from payload: RawSpan, _ value: FieldValue, _ record: Range<Int>,
        _ batch: inout EventBatch
    ) throws(RecordFault) {
        if slots.isEmpty { return }
        scratch.removeAll(keepingCapacity: true)
        do throws(JSONError) {
            // The object in the message, also where a compact copy of it is in the arena: found again by its key.
            var reader = JSONReader(payload, at: record.lowerBound, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard reader.isEqual(key, "value") else {
                    try reader.skipValue()
                    continue
                }
                scratch.removeAll(keepingCapacity: true)
                try collect(&reader, percentiles: percentiles)
            }
        } catch {
            throw RecordFault(error)
        }
        if scratch.isEmpty { return }
        scratch.append(0x7D)
        let start = batch.arenaCount
        unsafe batch.appendToArena(scratch.span.bytes)
        for slot in slots { batch.set(slot, .place(.arenaJSON, offset: start, length: scratch.count)) }
    }

    /// Reads a `value` object, and collects the statistics asked for in `scratch`, the closing bracket still to come.
    private mutating func collect(_ reader: inout JSONReader, percentiles: Bool) throws(JSONError) {
        guard try reader.kind() == .object else {
            try reader.skipValue()
            return
        }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let isOther =
                reader.isEqual(key, "max") || reader.isEqual(key, "min") || reader.isEqual(key, "sum")
                || reader.isEqual(key, "count")
            var name: [UInt8] = []
            if !isOther { reader.unescape(key, into: &name) }
            guard !isOther, MetricStreamJSONFormat.isPercentile(name) == percentiles else {
                try reader.skipValue()
                continue
            }
            let number = try reader.number().range
            scratch.append(scratch.isEmpty ? 0x7B : 0x2C)
            scratch.append(0x22)
            for place in key.contents { scratch.append(reader.bytes.byte(place)) }
            scratch.append(0x22)
            scratch.append(0x3A)
            for place in number { scratch.append(reader.bytes.byte(place)) }
        }
    }

    private static func slots(of object: String, in projection: Projection) -> [Int] {
        projection.fields.indices.filter { projection.fields[$0] == FieldPath(keys: "value", object) }
    }

    /// Whether a statistic's name is a percentile's: `p` and a number, as in CloudWatch's definitions of statistics.
    static func isPercentile(_ name: [UInt8]) -> Bool {
        guard name.count > 1, name[0] | 0x20 == 0x70, name[1] &- 0x30 < 10 else { return false }
        return name.dropFirst().allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2E }
    }
}
