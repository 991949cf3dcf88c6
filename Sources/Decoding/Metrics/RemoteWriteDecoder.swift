import JSON
import TelemetryModel

/// Decodes Prometheus remote write, versions 1.0 and 2.0: a snappy block that holds one protobuf message.
///
/// Each sample and each native histogram is one record, and becomes one metric event or one rejection. A stale marker, which
/// says that a series has ended, is neither and only adds to `staleMarkers`. So events and rejections add up to the
/// number that `decode` returns. A series that cannot be read, or that has no `__name__`, is one record too.
///
/// `__name__` is the metric's name and all other labels are its dimensions. A sample represents its own maximum, minimum and
/// sum, counted once; of a native histogram only sum and count are known. There is no namespace.
///
/// What counts since a start is known from the metadata of the same message, or else by the name: metadata that came before
/// are not remembered, so that the events of a message follow from the message alone.
///
/// The payload that consumers see is the expanded message, and a record's place is that of the sample in it.
public struct RemoteWriteDecoder: ~Copyable {
    /// Samples that only said that their series has ended, since the decoder was made.
    public private(set) var staleMarkers = 0

    /// Strings in one message of version 2. Above it the table itself would be the memory that the limits forbid.
    private static let symbolsMax = 1 << 20
    /// Families whose metadata are read, of one message; those past it are recognised by their names.
    private static let familiesMax = 1 << 16
    /// Expanded bytes that are kept for the next message.
    private static let keptBytesMax = 4 << 20

    /// The time of samples that have none.
    var sourceTimes = SourceTimes()

    private let limits: DecodingLimits
    private var rows: MetricRows
    private var expanded: [UInt8] = []
    private var symbols: [Range<Int>] = []
    private var series = RemoteWriteSeries()
    /// Of the message at hand, version 1.
    private var families: [SeriesKey: RemoteWriteType] = [:]

    public init(projection: Projection, limits: DecodingLimits, options: MetricOptions = MetricOptions()) {
        self.limits = limits
        rows = MetricRows(projection: projection, options: options)
    }

    /// Decodes one snappy-compressed message. Returns how many records it held: events and rejections together.
    /// `firstRecord` is the index of the first of them.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        rows.beginMessage(firstRecord: firstRecord)
        guard rows.canPlace(payload, to: &consumer) else { return 1 }
        // The buffer is moved out, so that its bytes can be borrowed while the rest of the decoder changes.
        var buffer: [UInt8] = []
        swap(&buffer, &expanded)
        do {
            try SnappyBlock.expand(payload, bytesMax: limits.expandedBytesMax, into: &buffer)
            let message = unsafe buffer.span.bytes
            decodeRequest(message, to: &consumer)
            rows.flush(message, to: &consumer)
        } catch {
            rows.reject(error, place: 0..<payload.byteCount, in: payload, to: &consumer)
        }
        if buffer.capacity <= RemoteWriteDecoder.keptBytesMax { swap(&buffer, &expanded) }
        return rows.recordIndex - firstRecord
    }

    private mutating func decodeRequest(_ message: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        do throws(MetricFault) {
            // The table of symbols may come after the series that refer to it.
            symbols.removeAll(keepingCapacity: true)
            families.removeAll(keepingCapacity: true)
            var fields = ProtobufReader(message, 0..<message.byteCount)
            var isKnown = message.byteCount == 0
            while let field = try fields.next() {
                isKnown = isKnown || field.number == 1 || field.number >= 3 && field.number <= 5
                switch field.number {
                case 1, 5: _ = try field.bytes()
                case 3: try readMetadata(field.bytes(), in: message)
                case 4:
                    guard symbols.count < RemoteWriteDecoder.symbolsMax else {
                        throw MetricFault(
                            .tooLarge, "more than \(RemoteWriteDecoder.symbolsMax) symbols", at: field.offset)
                    }
                    symbols.append(try message.protobufText(field))
                default: break
                }
            }
            guard isKnown else { throw MetricFault(.unknownFormat, "a message without time series", at: 0) }
            var reader = ProtobufReader(message, 0..<message.byteCount)
            while let field = try reader.next() {
                switch field.number {
                case 1: decodeSeries(field.contents, version: 1, in: message, to: &consumer)
                case 5: decodeSeries(field.contents, version: 2, in: message, to: &consumer)
                default: break
                }
            }
        } catch {
            rows.reject(error, place: 0..<message.byteCount, in: message, to: &consumer)
        }
    }

    private mutating func decodeSeries(
        _ range: Range<Int>, version: Int, in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        do throws(MetricFault) {
            guard range.count <= limits.recordBytesMax else {
                throw MetricFault(
                    .tooLarge, "a time series of more than \(limits.recordBytesText)", at: range.lowerBound)
            }
            if version == 1 {
                try series.read(range, in: message)
            } else {
                try series.read(range, symbols: symbols, in: message)
            }
            let type = type(in: message)
            let isCounter =
                type.isCumulative(series.metricName, in: message)
                || rows.isDeclaredCounter(series.metricName, in: message)
            let key = rows.options.cumulative == .differences ? series.key(in: message) : SeriesKey()
            let histogramField = version == 1 ? 4 : 3
            var reader = ProtobufReader(message, range)
            while let field = try reader.next() {
                if field.number == 2 || field.number == histogramField {
                    decodeSample(
                        field.contents, isHistogram: field.number != 2, isCounter: isCounter, type, key, in: message,
                        to: &consumer)
                }
            }
        } catch {
            rows.reject(error, place: range, in: message, to: &consumer)
        }
    }

    /// Reads a `MetricMetadata` message.
    private mutating func readMetadata(_ range: Range<Int>, in message: RawSpan) throws(MetricFault) {
        var type = RemoteWriteType.unknown
        var family = 0..<0
        var reader = ProtobufReader(message, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: type = RemoteWriteType(number: try field.varint())
            case 2: family = try message.protobufText(field)
            default: break
            }
        }
        if families.count < RemoteWriteDecoder.familiesMax { families[SeriesKey(.metric, family, of: message)] = type }
    }

    /// The type of the series at hand: its own, else its family's, by the series' whole name or by what precedes its ending.
    private func type(in message: RawSpan) -> RemoteWriteType {
        if series.type != .unknown || families.isEmpty { return series.type }
        if let type = families[SeriesKey(.metric, series.metricName, of: message)] { return type }
        let family = RemoteWriteType.family(of: series.metricName, in: message)
        return family.flatMap { families[SeriesKey(.metric, $0, of: message)] } ?? .unknown
    }

    private mutating func decodeSample(
        _ range: Range<Int>, isHistogram: Bool, isCounter: Bool, _ type: RemoteWriteType, _ key: SeriesKey,
        in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        do throws(MetricFault) {
            let sample =
                isHistogram
                ? try RemoteWriteSample(histogram: range, in: message)
                : try RemoteWriteSample(sample: range, in: message)
            if sample.isStale {
                staleMarkers &+= 1
                return
            }
            guard sample.sum.isFinite, sample.count.isFinite else {
                throw MetricFault(.outOfRange, "a value that is not a finite number", at: range.lowerBound)
            }
            let time = try self.time(of: sample, at: range.lowerBound)
            rows.beginRow(message, to: &consumer)
            do throws(MetricFault) {
                try fillRow(sample, in: message)
            } catch {
                rows.abandonRow()
                throw error
            }
            setAmounts(of: sample, at: time, isCounter: isCounter, type, key, in: message, to: &consumer)
            rows.commitRow(time: time, place: range)
        } catch {
            rows.reject(error, place: range, in: message, to: &consumer)
        }
    }

    private mutating func setAmounts(
        of sample: RemoteWriteSample, at time: Timestamp, isCounter: Bool, _ type: RemoteWriteType, _ key: SeriesKey,
        in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let level = sample.isHistogram ? nil : sample.sum
        let amounts = MetricAmounts(sum: sample.sum, count: sample.count, min: level, max: level)
        guard sample.isHistogram ? !sample.isGauge : isCounter else {
            if type == .gauge { rows.set(kind: "gauge") }
            return rows.set(amounts)
        }
        rows.set(kind: sample.isHistogram ? "histogram" : "counter")
        rows.set(isCumulative: true)
        let start = series.createdMilliseconds == 0 ? nil : Timestamp(milliseconds: series.createdMilliseconds)
        if start != nil { rows.set(rows.slots.startTimestamp, .integer(series.createdMilliseconds)) }
        rows.set(
            amounts,
            of: CumulativePoint(
                key: key, start: start, time: time, sum: sample.sum, count: sample.isHistogram ? sample.count : nil),
            named: series.metricName, in: message, to: &consumer)
    }

    private func time(of sample: RemoteWriteSample, at offset: Int) throws(MetricFault) -> Timestamp {
        guard let time = Timestamp(milliseconds: sample.timeMilliseconds) else {
            throw MetricFault(.outOfRange, "a timestamp outside the years 1677 to 2262", at: offset)
        }
        return try sourceTimes.checked(time, named: "a sample's timestamp", at: offset)
    }

    private mutating func fillRow(_ sample: RemoteWriteSample, in message: RawSpan) throws(MetricFault) {
        rows.set(rows.slots.metricName, text: series.metricName)
        if !series.unit.isEmpty { rows.set(rows.slots.unit, text: series.unit) }
        rows.set(rows.slots.timestamp, .integer(sample.timeMilliseconds))
        if !rows.slots.namedDimensions.isEmpty {
            for label in series.labels {
                for named in rows.slots.namedDimensions where message.isEqual(label.name, named.name) {
                    rows.set(named.slot, text: label.value)
                }
            }
        }
        guard let slot = rows.slots.dimensions else { return }
        if let value = series.dimensions.value(generation: rows.generation) {
            rows.set(slot, value)
            return
        }
        rows.scratch.removeAll(keepingCapacity: true)
        rows.scratch.append(0x7B)
        for label in series.labels {
            if rows.scratch.count > 1 { rows.scratch.append(0x2C) }
            JSONWriter.append(string: message.extracting(label.name), to: &rows.scratch)
            rows.scratch.append(0x3A)
            JSONWriter.append(string: message.extracting(label.value), to: &rows.scratch)
        }
        rows.scratch.append(0x7D)
        let value = try rows.takeScratch(as: .arenaJSON, for: "the labels", at: series.metricName.lowerBound)
        series.dimensions.keep(value, generation: rows.generation)
        rows.set(slot, value)
    }
}
