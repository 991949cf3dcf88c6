import TelemetryModel

/// A Prometheus metric's type, as a remote write's metadata number it.
enum RemoteWriteType {
    case unknown, counter, gauge, histogram, gaugeHistogram, summary, info, stateSet

    init(number: UInt64) {
        switch number {
        case 1: self = .counter
        case 2: self = .gauge
        case 3: self = .histogram
        case 4: self = .gaugeHistogram
        case 5: self = .summary
        case 6: self = .info
        case 7: self = .stateSet
        default: self = .unknown
        }
    }

    /// Whether samples of the series `name` count since a start. Of a histogram and of a summary it is the count, the sum and
    /// the buckets that do. Without metadata Prometheus's own convention holds, by which these and `_total` end a counter's
    /// name.
    func isCumulative(_ name: Range<Int>, in bytes: RawSpan) -> Bool {
        switch self {
        case .counter: true
        case .gauge, .gaugeHistogram, .info, .stateSet: false
        case .histogram, .summary: RemoteWriteType.partSuffix(of: name, in: bytes) != nil
        case .unknown:
            RemoteWriteType.partSuffix(of: name, in: bytes) != nil || RemoteWriteType.has("_total", name, in: bytes)
        }
    }

    /// The family that a series' name belongs to, when it is not the name itself.
    static func family(of name: Range<Int>, in bytes: RawSpan) -> Range<Int>? {
        let suffix = has("_total", name, in: bytes) ? 6 : partSuffix(of: name, in: bytes)
        return suffix.map { name.lowerBound..<(name.upperBound - $0) }
    }

    /// How many bytes the ending of a part of a histogram or a summary takes.
    private static func partSuffix(of name: Range<Int>, in bytes: RawSpan) -> Int? {
        if has("_bucket", name, in: bytes) { return 7 }
        if has("_count", name, in: bytes) { return 6 }
        return has("_sum", name, in: bytes) ? 4 : nil
    }

    private static func has(_ suffix: StaticString, _ name: Range<Int>, in bytes: RawSpan) -> Bool {
        let count = suffix.utf8CodeUnitCount
        return name.count > count && bytes.isEqual((name.upperBound - count)..<name.upperBound, suffix)
    }
}
