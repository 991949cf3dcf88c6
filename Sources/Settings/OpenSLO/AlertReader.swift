import Objectives
import TelemetryModel
import Text

/// Reads AlertConditions and AlertPolicies, declared or inline, as burn-rate alerts.
///
/// OpenSLO's condition has one look-back window and a time for which it must hold; Tidewatch's alert has a long and a
/// short window, both of which must burn faster than the threshold. So `lookbackWindow` is the long window. The short one
/// is `alertAfter` where it is given and above 0: a burn that lasted for it shows in it whole. Otherwise it is a twelfth
/// of the long window, as in the default alerts (1 h and 5 m). It is at least a minute and at most the long window.
struct AlertReader {
    static let shortWindowMinimum = DurationText.nanosecondsPerMinute
    /// For as long as alerts look back the slices of an SLO are kept one by one, 6 bytes a minute.
    static let lookbackMaximum = 31 * 1440 * DurationText.nanosecondsPerMinute

    /// What the severities in common use mean to PagerDuty.
    static let severities: [(name: String, meaning: String)] = [
        ("critical", "critical"), ("error", "error"), ("warning", "warning"), ("info", "info"),
        ("page", "critical"), ("sev1", "critical"), ("p1", "critical"), ("high", "critical"),
        ("sev2", "error"), ("p2", "error"), ("ticket", "warning"), ("sev3", "warning"), ("p3", "warning"),
        ("medium", "warning"), ("sev4", "info"), ("p4", "info"), ("sev5", "info"), ("p5", "info"), ("low", "info"),
    ]

    /// Conditions and notification targets declared, by name; `nil` for one with problems of its own.
    let conditions: [String: ObjectiveAlert?]
    let conditionNames: [String]
    let targetNames: [String]

    // MARK: Conditions

    static func readInlineCondition(_ fields: MappingReader) -> ObjectiveAlert? {
        fields.ignore("apiVersion", "kind")
        let metadata = ResourceMetadata.read(fields)
        let spec = fields.required("spec", example: "{severity: page, condition: …}")?.mapping()
        fields.finish()
        guard let spec else { return nil }
        return readCondition(spec, name: metadata?.validName)
    }

    static func readCondition(_ fields: MappingReader, name: String?) -> ObjectiveAlert? {
        fields.readDescription()
        let severity = fields.required("severity", example: "page").flatMap(readSeverity)
        let condition = fields.required(
            "condition", example: "{kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h}")?
            .mapping()
        fields.finish()
        guard let condition else { return nil }
        _ = condition.optional("kind")?.choice(of: ["burnrate"])
        let isAbove = condition.required("op", example: "gt").flatMap(readOperator) ?? false
        let factor = condition.required("threshold", example: "14.4").flatMap(readFactor)
        let long = condition.required("lookbackWindow", example: "1h")?.duration(
            minimum: shortWindowMinimum, maximum: lookbackMaximum, example: "1h")
        let afterReader = condition.optional("alertAfter")
        let after = afterReader?.duration(minimum: 0, example: "5m")
        condition.finish()
        guard let long else { return nil }
        if let afterReader, let after, after > long {
            afterReader.report("alertAfter is longer than lookbackWindow", "make it shorter")
            return nil
        }
        guard let name, let severity, isAbove, let factor else { return nil }
        let short = after.flatMap { $0 > 0 ? max($0, shortWindowMinimum) : nil } ?? shortWindow(of: long)
        return ObjectiveAlert(
            name: name, severity: severity, condition: .burnRate(factor: factor, long: long, short: short))
    }

    /// Refuses an alert that no failure opens.
    static func checkReach(of alert: ObjectiveAlert, target: Ratio, of name: String? = nil, _ reader: NodeReader) {
        guard let factor = alert.condition.unreachableFactor(target: target),
            let most = AlertCondition.burnRateMax(target: target)
        else { return }
        reader.report(
            "a burn rate above \(factor.decimal) can't be\(name.map { " of the SLO \"\($0)\"" } ?? ""): where everything fails it is "
                + "\(SentenceNumber.rounded(most.decimal)), so that the alert \"\(alert.name)\" would never open",
            "write a number below that")
    }

    /// Where none is given.
    static func shortWindow(of long: Int64) -> Int64 { max(long / 12, shortWindowMinimum) }

    static func readSeverity(_ reader: NodeReader) -> String? {
        guard let text = reader.nonEmptyString() else { return nil }
        let folded = text.lowercased().filter { $0 != "-" && $0 != "_" }
        guard let severity = severities.first(where: { $0.name == folded })?.meaning else {
            reader.report(
                "the severity \"\(YAMLNode.shortened(text))\" has no known meaning",
                EditDistance.nearest(to: folded, among: severities.map(\.name)).map { "did you mean \"\($0)\"?" }
                    ?? "use one of: \(severities.map(\.name).joined(separator: ", "))")
            return nil
        }
        return severity
    }

    private static func readOperator(_ reader: NodeReader) -> Bool? {
        guard let comparison = reader.choice(ServiceLevelIndicator.Comparison.self) else { return nil }
        guard comparison == .gt || comparison == .gte else {
            reader.report(
                "an alert with \"\(comparison.rawValue)\" would fire while the budget burns slowly",
                "use gt or gte")
            return nil
        }
        return true
    }

    private static func readFactor(_ reader: NodeReader) -> Ratio? {
        guard let factor = reader.decimal() else { return nil }
        guard factor.numerator > 0 else {
            reader.report(
                "the threshold is not above 0", "write how many times too fast the budget burns, such as 14.4")
            return nil
        }
        return factor
    }

    // MARK: Policies

    /// The alerts of one policy: one, or none when it is not for breaches.
    func readPolicy(_ fields: MappingReader) -> [ObjectiveAlert]? {
        fields.readDescription()
        let breachingReader = fields.optional("alertWhenBreaching")
        let resolvedReader = fields.optional("alertWhenResolved")
        let noDataReader = fields.optional("alertWhenNoData")
        let conditionsReader = fields.required("conditions", example: "[{conditionRef: my-condition}]")
        let targetsReader = fields.optional("notificationTargets")
        fields.finish()

        let breaching = breachingReader?.bool()
        if resolvedReader?.bool() == false {
            resolvedReader?.report(
                "an alert that is over is always resolved, so that no incident stays open for ever",
                "set alertWhenResolved to true, or remove it")
        }
        let isForSilence = noDataReader?.bool() ?? false
        targetsReader?.list()?.forEach(readTarget)
        guard let elements = conditionsReader?.list() else { return nil }
        // All of them, so that every problem is said at once.
        let conditions = elements.map(readConditionElement)
        guard conditions.count == 1 else {
            conditionsReader?.report(
                "the policy has \(elements.count) conditions", "give exactly one, and a policy for each other")
            return nil
        }
        return conditions[0].map { alert in
            var (alert, causes) = (alert, breaching ?? true ? [alert.condition] : [])
            if isForSilence { causes.append(.noData(for: alert.condition.lookbackNanosecondsMax)) }
            alert.condition = causes.count == 1 ? causes[0] : .any(causes)
            return causes.isEmpty ? [] : [alert]
        }
    }

    /// An inline condition, or `conditionRef`.
    private func readConditionElement(_ reader: NodeReader) -> ObjectiveAlert? {
        guard let fields = reader.mapping(orReference: "conditionRef") else { return nil }
        guard let reference = fields.optional("conditionRef") else { return AlertReader.readInlineCondition(fields) }
        fields.finish()
        guard let name = reference.nonEmptyString() else { return nil }
        guard let condition = conditions[name] else {
            reference.report(
                "there is no AlertCondition \"\(YAMLNode.shortened(name))\"",
                EditDistance.nearest(to: name, among: conditionNames).map { "did you mean \"\($0)\"?" }
                    ?? "declare it, or write the condition in its place")
            return nil
        }
        return condition
    }

    /// An inline target, or `targetRef`.
    private func readTarget(_ reader: NodeReader) {
        guard let fields = reader.mapping(orReference: "targetRef") else { return }
        guard let reference = fields.optional("targetRef") else {
            fields.ignore("apiVersion", "kind")
            _ = ResourceMetadata.read(fields)
            if let spec = fields.required("spec", example: "{target: pagerduty}")?.mapping() {
                _ = NotificationTargetReader.read(spec, name: "")
            }
            fields.finish()
            return
        }
        fields.finish()
        guard let name = reference.nonEmptyString(), !targetNames.contains(name) else { return }
        reference.report(
            "there is no AlertNotificationTarget \"\(YAMLNode.shortened(name))\"",
            EditDistance.nearest(to: name, among: targetNames).map { "did you mean \"\($0)\"?" }
                ?? "declare it, or write the target in its place")
    }
}

/// Reads the `spec` of an AlertNotificationTarget, declared or inline.
enum NotificationTargetReader {
    static func read(_ fields: MappingReader, name: String) -> NotificationTargetDefinition? {
        let targetReader = fields.required("target", example: "pagerduty")
        let target = targetReader?.nonEmptyString()
        if let target, target.lowercased() != "pagerduty" {
            targetReader?.report(
                "nothing is sent to the target \"\(YAMLNode.shortened(target))\"",
                "all alerts go to PagerDuty and the webhooks that the settings name: write pagerduty, or leave targets out"
            )
        }
        let description = fields.readDescription()
        fields.finish()
        return target.map { NotificationTargetDefinition(name: name, target: $0, description: description) }
    }
}
