import TelemetryModel

/// The labels and the unit of one time series of a remote write, by their places in the message.
struct RemoteWriteSeries {
    struct Label {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// A series of more labels is refused: Prometheus' own servers allow a few dozen.
    static let labelsMax = 4096

    /// Bytes of all labels of a series. As JSON they may take seven times as much, still below what may be composed.
    static let labelBytesMax = 1 << 17

    /// All labels but the metric's name, in the order of the message.
    private(set) var labels: [Label] = []
    private var labelBytes = 0
    private(set) var metricName = 0..<0
    private(set) var unit = 0..<0
    /// What the series' own metadata says; version 2 alone has them.
    private(set) var type = RemoteWriteType.unknown
    /// Since when a counter counts, in milliseconds since the epoch; 0 when it is not said. Version 2 alone has it.
    private(set) var createdMilliseconds: Int64 = 0
    /// The labels as JSON.
    var dimensions = OTLPSharedText()

    /// Reads a series of version 1 (`prometheus.TimeSeries`), where labels are messages.
    mutating func read(_ range: Range<Int>, in bytes: RawSpan) throws(MetricFault) {
        forget()
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                var name = 0..<0
                var value = 0..<0
                var label = ProtobufReader(bytes, try field.bytes())
                while let part = try label.next() {
                    switch part.number {
                    case 1: name = try bytes.protobufText(part)
                    case 2: value = try bytes.protobufText(part)
                    default: break
                    }
                }
                try append(name: name, value: value, at: field.offset, in: bytes)
            case 2, 4: _ = try field.bytes()
            default: break
            }
        }
        try requireName(at: range.lowerBound)
    }

    /// Reads a series of version 2 (`io.prometheus.write.v2.TimeSeries`), where labels are pairs of places in a table of
    /// symbols, whose UTF-8 has been checked.
    mutating func read(_ range: Range<Int>, symbols: [Range<Int>], in bytes: RawSpan) throws(MetricFault) {
        forget()
        func symbol(_ reference: UInt64, at offset: Int) throws(MetricFault) -> Range<Int> {
            guard reference < UInt64(symbols.count) else {
                throw MetricFault(.invalidField, "a reference outside the table of symbols", at: offset)
            }
            return symbols[Int(reference)]
        }
        var pending: Range<Int>?
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                // Packed as a rule; a single value is allowed wherever packed ones are.
                if field.wireType == .varint {
                    try take(try symbol(field.scalar, at: field.offset), after: &pending, at: field.offset, in: bytes)
                    continue
                }
                var packed = ProtobufReader(bytes, try field.bytes())
                while packed.offset < packed.end {
                    let reference = try packed.varint()
                    try take(try symbol(reference, at: field.offset), after: &pending, at: field.offset, in: bytes)
                }
            case 2, 3: _ = try field.bytes()
            case 5:
                var metadata = ProtobufReader(bytes, try field.bytes())
                while let part = try metadata.next() {
                    switch part.number {
                    case 1: type = RemoteWriteType(number: try part.varint())
                    case 4: unit = try symbol(try part.varint(), at: field.offset)
                    default: break
                    }
                }
            case 6: createdMilliseconds = Int64(bitPattern: try field.varint())
            default: break
            }
        }
        if pending != nil { throw MetricFault(.invalidField, "a label without a value", at: range.lowerBound) }
        try requireName(at: range.lowerBound)
    }

    private mutating func take(
        _ symbol: Range<Int>, after pending: inout Range<Int>?, at offset: Int, in bytes: RawSpan
    ) throws(MetricFault) {
        guard let name = pending else {
            pending = symbol
            return
        }
        pending = nil
        try append(name: name, value: symbol, at: offset, in: bytes)
    }

    private mutating func append(
        name: Range<Int>, value: Range<Int>, at offset: Int, in bytes: RawSpan
    ) throws(MetricFault) {
        if bytes.isEqual(name, "__name__") {
            metricName = value
            return
        }
        guard labels.count < RemoteWriteSeries.labelsMax else {
            throw MetricFault(.tooLarge, "more than \(RemoteWriteSeries.labelsMax) labels", at: offset)
        }
        labelBytes += name.count + value.count
        guard labelBytes <= RemoteWriteSeries.labelBytesMax else {
            throw MetricFault(.tooLarge, "more than \(RemoteWriteSeries.labelBytesMax) bytes of labels", at: offset)
        }
        labels.append(Label(name: name, value: value))
    }

    private mutating func forget() {
        labels.removeAll(keepingCapacity: true)
        labelBytes = 0
        metricName = 0..<0
        unit = 0..<0
        type = .unknown
        createdMilliseconds = 0
        dimensions = OTLPSharedText()
    }

    /// What distinguishes the series from all others.
    func key(in bytes: RawSpan) -> SeriesKey {
        var key = SeriesKey(.metric, metricName, of: bytes)
        for label in labels { key.add(label: label.name, label.value, of: bytes) }
        return key
    }

    private func requireName(at offset: Int) throws(MetricFault) {
        if metricName.isEmpty {
            throw MetricFault(.missingField, "a time series without the label __name__", at: offset)
        }
    }
}

/// One sample or native histogram of a time series.
struct RemoteWriteSample {
    /// The NaN that Prometheus writes when a series has ended ("stale marker").
    static let staleBits: UInt64 = 0x7FF0_0000_0000_0002

    private(set) var sum = 0.0
    private(set) var count = 1.0
    private(set) var timeMilliseconds: Int64 = 0
    /// Of a histogram: whether it goes up and down (`ResetHint.GAUGE`).
    private(set) var isGauge = false
    let isHistogram: Bool

    init(sample range: Range<Int>, in bytes: RawSpan) throws(MetricFault) {
        isHistogram = false
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: sum = try field.double()
            case 2: timeMilliseconds = Int64(bitPattern: try field.varint())
            default: break
            }
        }
    }

    init(histogram range: Range<Int>, in bytes: RawSpan) throws(MetricFault) {
        isHistogram = true
        count = 0
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: count = Double(try field.varint())
            case 2: count = try field.double()
            case 3: sum = try field.double()
            case 14: isGauge = try field.varint() == 3
            case 15: timeMilliseconds = Int64(bitPattern: try field.varint())
            default: break
            }
        }
    }

    var isStale: Bool { sum.bitPattern == RemoteWriteSample.staleBits }
}
