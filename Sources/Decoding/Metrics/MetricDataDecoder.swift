import TelemetryModel
import Text

/// Decodes what CloudWatch's `GetMetricData` answers (`aws cloudwatch get-metric-data`): series of times and values.
///
/// Each value is one record and becomes one metric event. The answer says neither namespace nor dimensions nor statistic: the
/// metric's name is the result's label, the dimension `Id` the query's, and a value represents its own maximum, minimum and sum,
/// counted once. Times are RFC 3339, as the command line writes them, or seconds since the epoch.
///
/// A result whose lists differ in length is one record, rejected, as is a document that is not valid.
struct MetricDataDecoder: ~Copyable {
    private let nestingMax: Int
    private var rows: MetricRows

    init(projection: Projection, limits: DecodingLimits, options: MetricOptions) {
        nestingMax = limits.nestingMax
        rows = MetricRows(projection: projection, options: options)
    }

    /// Returns how many records there were, decoded and rejected together.
    mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        rows.beginMessage(firstRecord: firstRecord)
        guard rows.canPlace(payload, to: &consumer) else { return 1 }
        var place = payload.skippingWhiteSpace(from: 0)
        while place < payload.byteCount {
            var reader = JSONReader(payload, at: place, nestingMax: nestingMax)
            do throws(JSONError) {
                let document = try reader.skipValue()
                try decodeDocument(payload, document, to: &consumer)
                place = payload.skippingWhiteSpace(from: document.upperBound)
            } catch {
                let end = max(payload.lineEnd(from: place), place + 1)
                rows.reject(
                    MetricFault(error.reason, error.detail, at: error.offset),
                    place: place..<payload.trimmed(place..<end), in: payload, to: &consumer)
                place = payload.skippingWhiteSpace(from: end)
            }
        }
        rows.flush(payload, to: &consumer)
        return rows.recordIndex - firstRecord
    }

    /// `document` is valid JSON.
    private mutating func decodeDocument(
        _ payload: RawSpan, _ document: Range<Int>, to consumer: inout some EventConsumer & ~Copyable
    ) throws(JSONError) {
        var reader = JSONReader(payload, at: document.lowerBound, nestingMax: nestingMax)
        var isFound = false
        if try reader.kind() == .object {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard reader.isEqual(key, "MetricDataResults"), try reader.kind() == .array else {
                    try reader.skipValue()
                    continue
                }
                isFound = true
                try reader.beginArray()
                while try reader.nextElement() {
                    let place = try reader.skipValue()
                    do throws(MetricFault) {
                        try decodeResult(payload, place, to: &consumer)
                    } catch {
                        rows.reject(error, place: place, in: payload, to: &consumer)
                    }
                }
            }
        }
        guard !isFound else { return }
        rows.reject(
            MetricFault(.missingField, "no list of MetricDataResults", at: document.lowerBound), place: document,
            in: payload, to: &consumer)
    }

    private struct Series {
        var label: JSONString?
        var id: JSONString?
        var times: [Timestamp] = []
        var values: [Double] = []
    }

    private mutating func decodeResult(
        _ payload: RawSpan, _ place: Range<Int>, to consumer: inout some EventConsumer & ~Copyable
    ) throws(MetricFault) {
        let series = try readSeries(payload, place)
        guard let label = series.label else {
            throw MetricFault(.missingField, "a result without a Label", at: place.lowerBound)
        }
        guard series.times.count == series.values.count else {
            throw MetricFault(
                .invalidField, "\(series.times.count) Timestamps and \(series.values.count) Values",
                at: place.lowerBound)
        }
        for (time, value) in zip(series.times, series.values) {
            rows.beginRow(payload, to: &consumer)
            do throws(MetricFault) {
                rows.set(rows.slots.metricName, try text(label, of: payload))
                try setDimensions(series.id, of: payload)
            } catch {
                rows.abandonRow()
                throw error
            }
            rows.set(rows.slots.timestamp, .integer(time.milliseconds))
            rows.set(MetricAmounts(sum: value, count: 1, min: value, max: value))
            rows.commitRow(time: time, place: place)
        }
    }

    private func readSeries(_ payload: RawSpan, _ place: Range<Int>) throws(MetricFault) -> Series {
        var series = Series()
        do throws(JSONError) {
            var reader = JSONReader(payload, at: place.lowerBound, nestingMax: nestingMax)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let kind = try reader.kind()
                if kind == .string, reader.isEqual(key, "Label") {
                    series.label = try reader.string()
                } else if kind == .string, reader.isEqual(key, "Id") {
                    series.id = try reader.string()
                } else if kind == .array, reader.isEqual(key, "Timestamps") {
                    try reader.beginArray()
                    while try reader.nextElement() { series.times.append(try time(&reader, of: payload)) }
                } else if kind == .array, reader.isEqual(key, "Values") {
                    try reader.beginArray()
                    while try reader.nextElement() { series.values.append(try reader.double()) }
                } else {
                    try reader.skipValue()
                }
            }
        } catch {
            throw MetricFault(.invalidField, "a result that can't be read: \(error.detail)", at: error.offset)
        }
        // What can't be read was taken as the epoch, which is the time of nothing.
        guard !series.times.contains(where: SourceTimes.isUnset) else {
            throw MetricFault(.invalidField, "one of the Timestamps is no time", at: place.lowerBound)
        }
        return series
    }

    private func time(_ reader: inout JSONReader, of payload: RawSpan) throws(JSONError) -> Timestamp {
        let none = Timestamp(nanoseconds: 0)
        if try reader.kind() == .number {
            let seconds = try reader.double()
            guard seconds > 0, seconds < 9e9 else { return none }
            return Timestamp(nanoseconds: Int64((seconds * 1000).rounded()) * 1_000_000)
        }
        let text = try reader.string()
        guard case .time(let time) = EventTime.parse(payload, text.contents) else { return none }
        return time
    }

    // Inlined, it makes the optimiser of Swift 6.3.1 fail.
    @inline(never)
    private mutating func text(_ string: JSONString, of payload: RawSpan) throws(MetricFault) -> FieldValue {
        guard string.hasEscapes else {
            return .text(offset: string.contents.lowerBound, length: string.contents.count)
        }
        rows.scratch.removeAll(keepingCapacity: true)
        JSONReader(payload).unescape(string, into: &rows.scratch)
        return try rows.takeScratch(as: .arenaText, for: "the label", at: string.contents.lowerBound)
    }

    private mutating func setDimensions(_ id: JSONString?, of payload: RawSpan) throws(MetricFault) {
        guard let id else { return }
        for named in rows.slots.namedDimensions where named.name == Array("Id".utf8) {
            rows.set(named.slot, try text(id, of: payload))
        }
        guard let slot = rows.slots.dimensions else { return }
        rows.scratch.removeAll(keepingCapacity: true)
        rows.scratch.append(contentsOf: "{\"Id\":\"".utf8)
        for place in id.contents { rows.scratch.append(payload.byte(place)) }
        rows.scratch.append(contentsOf: "\"}".utf8)
        rows.set(slot, try rows.takeScratch(as: .arenaJSON, for: "the Id", at: id.contents.lowerBound))
    }
}
