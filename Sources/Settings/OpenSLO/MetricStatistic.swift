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

    static let names = ["Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50", "p90", "p95", "p99", "p99.9"]

    /// `nil` for what is no statistic. Percentiles are `p0` to `p100` with any digits after the point.
    init?(name: String) {
        switch name {
        case "Sum": self = .sum
        case "SampleCount": self = .sampleCount
        case "Average": self = .average
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        default:
            let number = name.dropFirst()
            guard name.first == "p", !number.isEmpty, number.utf8.count <= 16, number.first != ".", number.last != ".",
                number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
                let value = Double(number), value <= 100
            else { return nil }
            self = .percentile(name)
        }
    }

    /// Whether the statistics of two periods may be added.
    var isAdditive: Bool { self == .sum || self == .sampleCount }

    /// `nil` where no single field holds the statistic.
    var path: FieldPath? {
        switch self {
        case .sum: FieldPath(keys: "value", "sum")
        case .sampleCount: FieldPath(keys: "value", "count")
        case .average: nil
        case .minimum: FieldPath(keys: "value", "min")
        case .maximum: FieldPath(keys: "value", "max")
        case .percentile(let name): FieldPath(keys: "value", "quantiles", name)
        }
    }

    /// An expression where no single field holds the statistic.
    var expression: String? {
        self == .average ? "event.value.sum / event.value.count" : nil
    }
}
