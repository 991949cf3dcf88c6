import TelemetryModel

/// A CloudWatch statistic, and where a decoded metric holds it.
enum MetricStatistic: Equatable {
    case sum
    case sampleCount
    case average
    case minimum
    case maximum
    /// By its CloudWatch name: `p99`, `p99.9`.
    case percentile(String)
    /// Another additional statistic, by the name under which the metric stream sends it: `TC(:0.5)`, `tm90`, `IQM`.
    case additional(String)

    static let names = [
        "Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50", "p90", "p95", "p99", "p99.9", "IQM",
    ]

    /// `nil` for what is no statistic.
    ///
    /// Percentiles are `p0` to `p100` with any digits after the point. Of the others (CloudWatch user guide, "CloudWatch statistics
    /// definitions") `tm`, `wm`, `tc` and `ts` go with one such number, and `TM`, `WM`, `TC`, `TS` and `PR` with a range.
    init?(name: String) {
        switch name {
        case "Sum": self = .sum
        case "SampleCount": self = .sampleCount
        case "Average": self = .average
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        case "IQM": self = .additional(name)
        default:
            if name.first == "p", MetricStatistic.isPercent(name.dropFirst()) {
                self = .percentile(name)
            } else if ["tm", "wm", "tc", "ts"].contains(name.prefix(2)), MetricStatistic.isPercent(name.dropFirst(2)) {
                self = .additional(name)
            } else if let open = name.firstIndex(of: "("), name.last == ")",
                ["TM", "WM", "TC", "TS", "PR"].contains(name[..<open]),
                MetricStatistic.isRange(name[name.index(after: open)...].dropLast(), percents: name[..<open] != "PR")
            {
                self = .additional(name)
            } else {
                return nil
            }
        }
    }

    private static func isPercent(_ text: Substring) -> Bool {
        isNumber(text) && (Double(text) ?? .infinity) <= 100
    }

    /// Digits with at most one point among them.
    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 16 && text.first != "." && text.last != "."
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E } && Double(text) != nil
    }

    /// Two numbers with a colon between them, of which one may be missing, either both in percent or neither.
    private static func isRange(_ text: Substring, percents: Bool) -> Bool {
        let ends = text.split(separator: ":", omittingEmptySubsequences: false).filter { !$0.isEmpty }
        guard text.contains(":"), text.count(where: { $0 == ":" }) == 1, !ends.isEmpty else { return false }
        if ends.allSatisfy(isNumber) { return true }
        return percents && ends.allSatisfy { $0.last == "%" && isPercent($0.dropLast()) }
    }

    /// Whether the statistics of two periods may be added: sums and counts. A trimmed count is the number of samples in its
    /// range, so that with `SampleCount` as total it is an exact ratio of requests.
    var isAdditive: Bool {
        switch self {
        case .sum, .sampleCount: true
        case .additional(let name): name.lowercased().hasPrefix("tc")
        case .average, .minimum, .maximum, .percentile: false
        }
    }

    /// `nil` where no single field holds the statistic.
    var path: FieldPath? {
        switch self {
        case .sum: FieldPath(keys: "value", "sum")
        case .sampleCount: FieldPath(keys: "value", "count")
        case .average: nil
        case .minimum: FieldPath(keys: "value", "min")
        case .maximum: FieldPath(keys: "value", "max")
        case .percentile(let name): FieldPath(keys: "value", "quantiles", name)
        case .additional(let name): FieldPath(keys: "value", "statistics", name)
        }
    }

    /// An expression where no single field holds the statistic.
    var expression: String? {
        self == .average ? "event.value.sum / event.value.count" : nil
    }
}
