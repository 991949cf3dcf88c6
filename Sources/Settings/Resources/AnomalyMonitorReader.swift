import Aggregation
import Signals
import TelemetryModel
import Text

/// Reads an `AnomalyMonitor`'s `spec`.
struct AnomalyMonitorReader {
    /// What PagerDuty takes at most.
    static let summaryLengthMax = 1024
    static let severities = ["critical", "error", "warning", "info"]

    /// The rollups that could be read, by name.
    let rollups: [String: RollupDefinition]
    /// The names of all rollups declared, also of those with problems of their own.
    let declaredRollups: [String]

    func read(_ document: ResourceDocument) -> AnomalyMonitorDefinition? {
        guard let fields = document.specFields() else { return nil }
        let rollupReader = fields.required("rollup", example: declaredRollups.first ?? "my-rollup")
        let valueReader = fields.required("value", example: "total")
        let method = fields.required("method", example: "{ewma: {alpha: 0.2, threshold: 5, warmup: 10}}")
            .flatMap(readMethod)
        let alertReader = fields.optional("alert")
        var description = document.description
        description.description = fields.readDescription()
        fields.finish()

        let rollup = rollupReader.flatMap(readRollup)
        // A rollup with problems of its own leaves its measures unknown; only the alert's own fields are checked then.
        let definition = rollup.flatMap { rollups[$0] }
        let value = valueReader.flatMap { reader in
            definition.map { ExpressionCheck.number(reader, overMeasures: $0.measures.map(\.name)) } ?? reader.string()
        }
        let alert = alertReader.flatMap { readAlert($0, of: definition) }
        guard let rollup, definition != nil, let value, let method else { return nil }
        var monitor = AnomalyMonitorDefinition(
            name: document.name, rollup: rollup, value: value, method: method, alert: alert)
        monitor.description = description
        return monitor
    }

    private func readRollup(_ reader: NodeReader) -> String? {
        guard let name = reader.nonEmptyString() else { return nil }
        guard declaredRollups.contains(name) else {
            reader.report(
                "there is no Rollup \"\(YAMLNode.shortened(name))\"",
                EditDistance.nearest(to: name, among: declaredRollups).map { "did you mean \"\($0)\"?" }
                    ?? "declare it, or load the file that does")
            return nil
        }
        return name
    }

    private func readMethod(_ reader: NodeReader) -> AnomalyMonitorDefinition.Method? {
        guard let fields = reader.mapping() else { return nil }
        let ewma = fields.required("ewma", example: "{alpha: 0.2, threshold: 5, warmup: 10}")?.mapping()
        fields.finish()
        guard let ewma else { return nil }
        let alpha = ewma.required("alpha", example: "0.2")?.double("above 0 and at most 1, such as 0.2") {
            $0 > 0 && $0 <= 1
        }
        let threshold = ewma.required("threshold", example: "5")?.double("above 0, such as 5") { $0 > 0 }
        let warmup = ewma.required("warmup", example: "10")?.integer(in: 0...1_000_000)
        ewma.finish()
        guard let alpha, let threshold, let warmup else { return nil }
        return .ewma(alpha: alpha, threshold: threshold, warmup: warmup)
    }

    private func readAlert(_ reader: NodeReader, of rollup: RollupDefinition?) -> AnomalyAlertDefinition? {
        guard let fields = reader.mapping() else { return nil }
        let severity = fields.required("severity", example: "warning")?.choice(of: AnomalyMonitorReader.severities)
        let summary = fields.required("summary", example: "\"{value} is unusual\"").flatMap {
            readSummary($0, of: rollup)
        }
        let direction = fields.optional("direction")?.choice(AnomalyAlertDefinition.Direction.self)
        fields.finish()
        guard let severity, let summary else { return nil }
        return AnomalyAlertDefinition(severity: severity, summary: summary, direction: direction ?? .both)
    }

    /// Checks that each `{column}` is a group column, a measure, or `value`.
    private func readSummary(_ reader: NodeReader, of rollup: RollupDefinition?) -> String? {
        guard let summary = reader.nonEmptyString() else { return nil }
        guard summary.unicodeScalars.count <= AnomalyMonitorReader.summaryLengthMax else {
            reader.report(
                "the summary is longer than \(AnomalyMonitorReader.summaryLengthMax) characters", "shorten it")
            return nil
        }
        guard let rollup else { return summary }
        let columns = rollup.groupBy.map(\.description) + rollup.measures.map(\.name) + ["value"]
        var isValid = true
        var rest = summary[...]
        while let open = rest.firstIndex(of: "{") {
            let offset = summary.utf8.distance(from: summary.startIndex, to: open)
            guard let close = rest[open...].firstIndex(of: "}") else {
                reader.report("\"{\" is not closed", "write {column}", atByte: offset)
                return nil
            }
            let name = String(rest[rest.index(after: open)..<close])
            if !columns.contains(name) {
                reader.report(
                    "the rollup \"\(rollup.name)\" has no column \"\(YAMLNode.shortened(name))\"",
                    EditDistance.nearest(to: name, among: columns).map { "did you mean \"{\($0)}\"?" }
                        ?? "use one of: \(columns.joined(separator: ", "))",
                    atByte: offset)
                isValid = false
            }
            rest = rest[rest.index(after: close)...]
        }
        return isValid ? summary : nil
    }
}
