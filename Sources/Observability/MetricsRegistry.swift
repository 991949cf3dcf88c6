import Synchronization
import Text

/// Numbers for `/metrics`. Writers call once for each batch or flush, never for each event.
public final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let family: MetricFamily
        let labels: String
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

    public func value(_ family: MetricFamily, _ labels: [(String, String)] = []) -> Double? {
        let text = MetricsRegistry.text(of: labels)
        return series[family]?.last { $0.labels == text }?.value
    }

    /// What is kept and what is collected, by family; of two with the same labels the later one counts.
    private var series: [MetricFamily: [(labels: String, value: Double)]] {
        var series: [MetricFamily: [(labels: String, value: Double)]] = [:]
        for (kept, value) in values.withLock({ $0 }) { series[kept.family, default: []].append((kept.labels, value)) }
        for source in sources.withLock({ $0 }) {
            for sample in source() {
                series[sample.family, default: []].append((MetricsRegistry.text(of: sample.labels), sample.value))
            }
        }
        return series
    }

    /// Prometheus' text exposition format 0.0.4, families and series sorted by name.
    public func exposition() -> String {
        let series = series
        let distributions = Dictionary(grouping: histograms.withLock { $0 }, by: \.key.family)
        var text = ""
        for family in Set(series.keys).union(distributions.keys).sorted(by: { $0.name < $1.name }) {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            // Sorting keeps the order of equals.
            let sorted = (series[family] ?? []).sorted { $0.labels < $1.labels }
            for (place, sample) in sorted.enumerated() {
                if place + 1 < sorted.count, sorted[place + 1].labels == sample.labels { continue }
                MetricsRegistry.append(to: &text, family, sample.labels, MetricsRegistry.text(of: sample.value))
            }
            for (series, histogram) in (distributions[family] ?? []).sorted(by: { $0.key.labels < $1.key.labels }) {
                MetricsRegistry.append(histogram, of: series, to: &text)
            }
        }
        return text
    }

    /// - Parameter more: a label behind the others.
    private static func append(
        to text: inout String, _ family: MetricFamily, _ labels: String, _ value: String, suffix: String = "",
        more: String = ""
    ) {
        text += family.name
        text += suffix
        if !labels.isEmpty || !more.isEmpty {
            text += "{"
            text += labels
            if !labels.isEmpty, !more.isEmpty { text += "," }
            text += more
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    private static func append(_ histogram: DurationHistogram, of series: Series, to text: inout String) {
        for (bound, count) in histogram.buckets {
            let bound = bound.map { self.text(of: $0.seconds) } ?? "+Inf"
            append(
                to: &text, series.family, series.labels, String(count), suffix: "_bucket", more: "le=\"\(bound)\"")
        }
        append(to: &text, series.family, series.labels, self.text(of: histogram.sum.seconds), suffix: "_sum")
        append(to: &text, series.family, series.labels, String(histogram.count), suffix: "_count")
    }

    private static func text(of value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func text(of labels: [(String, String)]) -> String {
        var text = ""
        for (name, value) in labels {
            text += text.isEmpty ? "" : ","
            text += name
            text += "=\""
            text += Inert.metricLabel(value)
            text += "\""
        }
        return text
    }
}
