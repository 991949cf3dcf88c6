import TelemetryModel

/// What a metric's points are: which message they are written in.
enum OTLPPointKind {
    case number
    case histogram
    case exponentialHistogram
    case summary

    /// By the number of the field of `Metric` that holds the points: gauge 5, sum 7, histogram 9, exponential histogram
    /// 10, summary 11.
    init?(metricField number: Int) {
        switch number {
        case 5, 7: self = .number
        case 9: self = .histogram
        case 10: self = .exponentialHistogram
        case 11: self = .summary
        default: return nil
        }
    }

    /// The field that holds a point's attributes.
    var attributesField: Int {
        switch self {
        case .number, .summary: 7
        case .histogram: 9
        case .exponentialHistogram: 1
        }
    }

    /// The field that holds a point's flags.
    var flagsField: Int {
        switch self {
        case .number, .summary: 8
        case .histogram, .exponentialHistogram: 10
        }
    }
}

/// The numbers of one data point, read in one pass over its fields; attributes and quantiles are read after it.
struct OTLPPoint {
    var timeNanoseconds: UInt64 = 0
    var startNanoseconds: UInt64 = 0
    var flags: UInt64 = 0
    var count: Double?
    var sum: Double?
    var min: Double?
    var max: Double?

    /// The first bit of `flags`: there was nothing to record, which is not the same as a zero.
    var hasNoRecordedValue: Bool { flags & 1 != 0 }

    /// Reads a point of `kind`.
    ///
    /// A number represents its own minimum, maximum and sum, counted once. Of a histogram `min`, `max` and `sum` are there
    /// only when they were written; of a summary `count` and `sum` always are, as zero when they were not written.
    init(_ range: Range<Int>, kind: OTLPPointKind, in bytes: RawSpan) throws(MetricFault) {
        if kind == .summary { sum = 0 }
        if kind != .number { count = 0 }
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch (kind, field.number) {
            case (_, 2): startNanoseconds = try field.fixed64()
            case (_, 3): timeNanoseconds = try field.fixed64()
            case (_, kind.flagsField): flags = try field.varint()
            case (.number, 4): number(try field.double())
            case (.number, 6): number(Double(Int64(bitPattern: try field.fixed64())))
            case (.number, _): break
            case (_, 4): count = Double(try field.fixed64())
            case (_, 5): sum = try field.double()
            case (.histogram, 11), (.exponentialHistogram, 12): min = try field.double()
            case (.histogram, 12), (.exponentialHistogram, 13): max = try field.double()
            default: break
            }
        }
        if hasNoRecordedValue { return }
        if kind == .number, count == nil {
            throw MetricFault(.missingField, "a data point without a value", at: range.lowerBound)
        }
        for value in [sum, min, max] {
            if let value, !value.isFinite {
                throw MetricFault(.outOfRange, "a value that is not a finite number", at: range.lowerBound)
            }
        }
    }

    private mutating func number(_ value: Double) {
        (count, sum, min, max) = (1, value, value, value)
    }

    /// Since when a cumulative value counts; `nil` when it is not said.
    var start: Timestamp? {
        startNanoseconds == 0 ? nil : Int64(exactly: startNanoseconds).map { Timestamp(nanoseconds: $0) }
    }

    /// The event's time. Zero means "unknown" in OpenTelemetry.
    func time(at offset: Int) throws(MetricFault) -> Timestamp {
        guard let nanoseconds = Int64(exactly: timeNanoseconds) else {
            throw MetricFault(.outOfRange, "time_unix_nano is past the year 2262", at: offset)
        }
        return Timestamp(nanoseconds: nanoseconds)
    }
}

/// One value of a summary at a quantile.
struct OTLPQuantile {
    /// From 0 to 1.
    var quantile = 0.0
    var value = 0.0

    init(_ range: Range<Int>, in bytes: RawSpan) throws(MetricFault) {
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: quantile = try field.double()
            case 2: value = try field.double()
            default: break
            }
        }
        guard quantile >= 0, quantile <= 1 else {
            throw MetricFault(.invalidField, "a quantile outside 0 to 1", at: range.lowerBound)
        }
        if value.isInfinite {
            throw MetricFault(.outOfRange, "a quantile's value that is not a finite number", at: range.lowerBound)
        }
    }

    /// Whether there is a value: a NaN says that the window held no observation.
    var hasValue: Bool { !value.isNaN }

    /// Appends CloudWatch's name for the percentile: "p50", "p99.9". Ten digits after the point, as in CloudWatch's own
    /// limit on percentiles, absorb the rounding of 0.57 × 100.
    func appendName(to text: inout [UInt8]) {
        let scaled = UInt64((quantile * 1e12).rounded())
        text.append(UInt8(ascii: "p"))
        text.append(contentsOf: String(scaled / 10_000_000_000).utf8)
        var fraction = scaled % 10_000_000_000
        guard fraction > 0 else { return }
        text.append(UInt8(ascii: "."))
        var unit: UInt64 = 1_000_000_000
        while fraction > 0 {
            text.append(UInt8(ascii: "0") + UInt8(fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }
}
