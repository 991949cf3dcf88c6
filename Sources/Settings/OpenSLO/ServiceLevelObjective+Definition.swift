import Crypto
import Expressions
import Objectives
import TelemetryModel

// What an objective counts, as one text. In it is all that a count, or how a slice is judged, depends on; not in it are its
// name, target, window and alerts, which are put to the same counts.

extension ServiceLevelObjective {
    /// The same for every file that means the same, on every machine and in every release.
    public var definitionFingerprint: DefinitionFingerprint {
        var value: UInt64 = 0
        for byte in SHA256.hash(data: definitionText).prefix(8) { value = value << 8 | UInt64(byte) }
        return DefinitionFingerprint(rawValue: value)
    }

    /// A line for each part. What later releases let an SLO say must leave the text of those that don't say it as it is.
    var definitionText: [UInt8] {
        var lines: [[UInt8]] = [method.definitionText]
        if hasGroups {
            lines.append(
                Array("groups ".utf8) + Array(groupColumns.map { "\($0.utf8.count):\($0)" }.joined(separator: " ").utf8)
            )
        }
        switch indicator.form {
        case .ratio(let good, let bad, let total):
            lines.append(ServiceLevelObjective.line("total", total, within: nil))
            // Where both are given, good is what is counted.
            if let good {
                lines.append(ServiceLevelObjective.line("good", good, within: total))
            } else if let bad {
                lines.append(ServiceLevelObjective.line("bad", bad, within: total))
            }
        case .threshold(let query, let comparison, let threshold):
            var line = Array("threshold \(comparison.rawValue) ".utf8)
            // There are two zeros, which compare alike.
            line += Array(String((threshold == 0 ? 0 : threshold).bitPattern, radix: 16).utf8)
            lines += [line, ServiceLevelObjective.line("value", query, within: nil)]
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// - Parameter whole: what the records must be in too. Of events good and bad are looked for among those that total takes,
    ///   so that to ask for the same again changes nothing.
    private static func line(_ part: String, _ query: MetricQuery, within whole: MetricQuery?) -> [UInt8] {
        var filter = CanonicalExpression(query.filter ?? "true")
        filter.subtract(CanonicalExpression("true"))
        if let whole, whole.source == query.source, query.source != .metric {
            filter.subtract(CanonicalExpression(whole.filter ?? "true"))
        }
        let measure =
            query.measureExpression.map { CanonicalExpression($0) } ?? query.measure.map { CanonicalExpression($0) }
        let source = query.source.metricSourceType + (query.source == .metric && query.isCounter ? " counter" : "")
        return Array("\(part) \(source) ".utf8) + (measure?.text ?? Array("count".utf8)) + Array(" where ".utf8)
            + filter.text
    }
}

extension BudgetingMethod {
    fileprivate var definitionText: [UInt8] {
        var text = "\(name) \(sliceNanoseconds)"
        if case .timeslices(let target, _) = self { text += " \(target.numerator)/\(target.denominator)" }
        return Array(text.utf8)
    }
}
