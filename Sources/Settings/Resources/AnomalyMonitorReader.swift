import Aggregation
import Signals
import Statistics
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
        let methodReader = fields.required("method", example: "{ewma: {}}")
        let limitsReader = fields.optional("limits")
        let acceptReader = fields.optional("acceptAfter")
        let emptyWindows = fields.optional("emptyWindows")?.integer(in: 0...1_000_000)
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
        let isCount = definition?.measures.first { $0.name == value }?.isCount ?? false
        let method = methodReader.flatMap { readMethod($0, isCount: isCount) }
        let limits = limitsReader.flatMap(readLimits)
        let acceptAfter = acceptReader.flatMap { readWindows($0, of: definition, least: 2) }
        let alert = alertReader.flatMap { readAlert($0, of: definition) }
        guard let rollup, definition != nil, let value, let method else { return nil }
        var monitor = AnomalyMonitorDefinition(
            name: document.name, rollup: rollup, value: value, method: method, alert: alert)
        monitor.description = description
        if let limits { monitor.limits = limits }
        if let acceptAfter { monitor.acceptAfterWindows = acceptAfter }
        if let emptyWindows { monitor.emptyWindows = emptyWindows }
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

    private func readMethod(_ reader: NodeReader, isCount: Bool) -> Detector? {
        guard let fields = reader.mapping() else { return nil }
        let ewma = fields.required("ewma", example: "{}")?.mapping()
        fields.finish()
        return ewma.flatMap { readEWMA($0, isCount: isCount) }
    }

    private func readEWMA(_ fields: MappingReader, isCount: Bool) -> Detector? {
        let alpha = fields.optional("alpha").map {
            $0.double("above 0 and at most 1, such as 0.2") { $0 > 0 && $0 <= 1 }
        }
        let threshold = fields.optional("threshold").map { $0.double("above 0, such as 5") { $0 > 0 } }
        let warmup = fields.optional("warmup").map { $0.integer(in: 0...1_000_000) }
        // What is counted deviates by one, if it deviates.
        let usual = EWMA.Floor(absolute: isCount ? 1 : 0)
        let floor = fields.optional("floor").map { readFloor($0, usual) }
        fields.finish()
        let defaults = EWMA.Parameters.defaults
        guard let alpha = alpha ?? defaults.alpha, let threshold = threshold ?? defaults.threshold,
            let warmup = warmup ?? defaults.warmup, let floor = floor ?? usual
        else { return nil }
        return EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup, floor: floor).map { .ewma($0) }
    }

    private func readFloor(_ reader: NodeReader, _ usual: EWMA.Floor) -> EWMA.Floor? {
        guard let fields = reader.mapping() else { return nil }
        let absolute = fields.optional("absolute").map { $0.double("of 0 or more, such as 1") { $0 >= 0 } }
        let relative = fields.optional("relative").map { $0.double("of 0 or more, such as 0.01") { $0 >= 0 } }
        fields.finish()
        guard let absolute = absolute ?? usual.absolute, let relative = relative ?? usual.relative else { return nil }
        return EWMA.Floor(absolute: absolute, relative: relative)
    }

    private func readLimits(_ reader: NodeReader) -> AnomalyLimits? {
        guard let fields = reader.mapping() else { return nil }
        let limits = AnomalyLimits(
            above: fields.optional("above")?.double(), below: fields.optional("below")?.double())
        fields.finish()
        if let above = limits.above, let below = limits.below, below > above {
            reader.report(
                "every value is below \(below) or above \(above)", "write a limit \"below\" that is the lower one")
        } else if !fields.has("above"), !fields.has("below") {
            reader.report("there is no limit", "write \"above: 100\", \"below: 1\", or both")
        }
        return limits
    }

    /// A duration in windows of the rollup, rounded up; 1 where the rollup is not known.
    ///
    /// - Parameter least: how many it has to be.
    private func readWindows(_ reader: NodeReader, of rollup: RollupDefinition?, least: Int64 = 1) -> Int? {
        let window = rollup?.windowNanoseconds ?? DurationText.nanosecondsPerSecond
        return reader.duration(minimum: least > 1 ? least * window : 1_000_000, example: "1h").map { nanoseconds in
            rollup.map { Int((nanoseconds - 1) / $0.windowNanoseconds) + 1 } ?? 1
        }
    }

    private func readAlert(_ reader: NodeReader, of rollup: RollupDefinition?) -> AnomalyAlertDefinition? {
        guard let fields = reader.mapping() else { return nil }
        let severity = fields.required("severity", example: "warning")?.choice(of: AnomalyMonitorReader.severities)
        let summary = fields.required("summary", example: "\"{value} is unusual\"").flatMap {
            readSummary($0, of: rollup)
        }
        let direction = fields.optional("direction")?.choice(AnomalyAlertDefinition.Direction.self)
        let keepFiring = fields.optional("keepFiringFor").flatMap { readWindows($0, of: rollup) }
        fields.finish()
        guard let severity, let summary else { return nil }
        return AnomalyAlertDefinition(
            severity: severity, summary: summary, direction: direction ?? .both, keepFiringWindows: keepFiring ?? 1)
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

extension MeasureDefinition {
    /// Whether its values are whole numbers of things.
    fileprivate var isCount: Bool {
        switch kind {
        case .count, .distinct: true
        case .sum, .min, .max, .quantile: false
        }
    }
}
