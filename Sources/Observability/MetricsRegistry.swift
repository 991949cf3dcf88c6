import Synchronization
import Text

/// Numbers for `/metrics`. Writers call once for each batch or flush, never for each event.
public final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let family: MetricFamily
        let labels: String

        /// As it stands in the exposition.
        ///
        /// - Parameter more: a label behind the others.
        func name(_ suffix: String = "", more: String = "") -> String {
            let labels = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
            return family.name + suffix + (labels.isEmpty ? "" : "{\(labels)}")
        }
    }

    private let values = Mutex<[Series: Double]>([:])
    private let histograms = Mutex<[Series: DurationHistogram]>([:])
    private let sources = Mutex<[@Sendable () -> [MetricSample]]>([])

    public init() {}

    public func add(_ family: MetricFamily, _ labels: [(String, String)] = [], by amount: Double = 1) {
        guard amount != 0 else { return }
        values.withLock { $0[Series(family: family, labels: MetricsRegistry.text(of: labels)), default: 0] += amount }
    }

    /// Shows a counter as 0 if it has counted nothing.
    package func begin(_ family: MetricFamily, _ labels: [(String, String)] = []) {
        values.withLock { $0[Series(family: family, labels: MetricsRegistry.text(of: labels)), default: 0] += 0 }
    }

    public func set(_ family: MetricFamily, _ labels: [(String, String)] = [], to value: Double) {
        values.withLock { $0[Series(family: family, labels: MetricsRegistry.text(of: labels))] = value }
    }

    /// Counts a duration in a family of histograms.
    public func observe(_ family: MetricFamily, _ labels: [(String, String)] = [], _ duration: Duration) {
        precondition(family.kind == .histogram, "only a histogram takes durations")
        let series = Series(family: family, labels: MetricsRegistry.text(of: labels))
        histograms.withLock { $0[series, default: DurationHistogram()].observe(duration) }
    }

    /// Shows a histogram as empty if it has counted nothing.
    package func beginHistogram(_ family: MetricFamily, _ labels: [(String, String)] = []) {
        let series = Series(family: family, labels: MetricsRegistry.text(of: labels))
        histograms.withLock { $0[series] = $0[series] ?? DurationHistogram() }
    }

    /// `nil` before the first duration.
    package func histogram(_ family: MetricFamily, _ labels: [(String, String)] = []) -> DurationHistogram? {
        histograms.withLock { $0[Series(family: family, labels: MetricsRegistry.text(of: labels))] }
    }

    /// Asks `source` each time that metrics are shown, so that what it no longer has is shown no more.
    public func collect(from source: @escaping @Sendable () -> [MetricSample]) {
        sources.withLock { $0.append(source) }
    }

    private var snapshot: [Series: Double] {
        let collected = sources.withLock { $0 }.flatMap { $0() }
        var snapshot = values.withLock { $0 }
        for sample in collected {
            snapshot[Series(family: sample.family, labels: MetricsRegistry.text(of: sample.labels))] = sample.value
        }
        return snapshot
    }

    public func value(_ family: MetricFamily, _ labels: [(String, String)] = []) -> Double? {
        snapshot[Series(family: family, labels: MetricsRegistry.text(of: labels))]
    }

    /// Prometheus' text exposition format 0.0.4, families and series sorted by name.
    public func exposition() -> String {
        var lines: [Series: [String]] = snapshot.reduce(into: [:]) { lines, entry in
            lines[entry.key] = ["\(entry.key.name()) \(MetricsRegistry.text(of: entry.value))"]
        }
        for (series, histogram) in histograms.withLock({ $0 }) {
            lines[series] = MetricsRegistry.lines(of: histogram, series)
        }
        var text = ""
        let families = Dictionary(grouping: lines, by: \.key.family).sorted { $0.key.name < $1.key.name }
        for (family, series) in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (_, lines) in series.sorted(by: { $0.key.labels < $1.key.labels }) {
                for line in lines { text += "\(line)\n" }
            }
        }
        return text
    }

    private static func lines(of histogram: DurationHistogram, _ series: Series) -> [String] {
        histogram.buckets.map { bound, count in
            let bound = bound.map { text(of: $0.seconds) } ?? "+Inf"
            return "\(series.name("_bucket", more: "le=\"\(bound)\"")) \(count)"
        } + [
            "\(series.name("_sum")) \(text(of: histogram.sum.seconds))", "\(series.name("_count")) \(histogram.count)",
        ]
    }

    private static func text(of value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func text(of labels: [(String, String)]) -> String {
        labels.map { name, value in "\(name)=\"\(Inert.metricLabel(value))\"" }.joined(separator: ",")
    }
}
