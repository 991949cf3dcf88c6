import Synchronization
import Text

/// Numbers for `/metrics`. Writers call once for each batch or flush, never for each event.
public final class MetricsRegistry: Sendable {
    private struct Series: Hashable {
        let family: MetricFamily
        let labels: String
    }

    private let values = Mutex<[Series: Double]>([:])
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
        var text = ""
        let families = Dictionary(grouping: snapshot, by: \.key.family).sorted { $0.key.name < $1.key.name }
        for (family, series) in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (key, value) in series.sorted(by: { $0.key.labels < $1.key.labels }) {
                text += "\(family.name)\(key.labels) \(MetricsRegistry.text(of: value))\n"
            }
        }
        return text
    }

    private static func text(of value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func text(of labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        let pairs = labels.map { name, value in
            "\(name)=\"\(Inert.metricLabel(value))\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }
}
