import Objectives
import TelemetryModel
import Text

/// An alert that is given to all SLOs that a policy selects.
struct SelectingPolicy {
    let alert: ObjectiveAlert
    /// Names of SLOs, of which one must be the SLO's; empty where every name will do.
    let names: [String]
    /// Labels that the SLO must have.
    let labels: [String: String]
    let nameReader: NodeReader

    func selects(name: String, labels sloLabels: [String: String]) -> Bool {
        (names.isEmpty || names.contains(name)) && labels.allSatisfy { sloLabels[$0.key] == $0.value }
    }

    /// Gives the alert to the objectives that it is for, beside those that they have.
    func applied(to objectives: [ServiceLevelObjective]) -> [ServiceLevelObjective] {
        objectives.map { objective in
            // `name/1`, `name/2`, … are objectives of one SLO; a name has no slash.
            let name = objective.name.prefix { $0 != "/" }
            guard selects(name: String(name), labels: objective.metadata.labels) else { return objective }
            guard !objective.alerts.contains(where: { $0.name == alert.name }) else {
                nameReader.report(
                    "the SLO \"\(objective.name)\" has an alert \"\(alert.name)\" already", "rename the policy")
                return objective
            }
            AlertReader.checkReach(of: alert, target: objective.target, of: objective.name, nameReader)
            var objective = objective
            objective.alerts.append(alert.roundedUp(toSlices: objective.sliceNanoseconds))
            return objective
        }
    }
}

/// Reads the `spec` of a `tidewatch/v1` AlertPolicy: several conditions, which OpenSLO's has no words for.
struct AlertPolicyReader {
    /// The SLOs declared, sound or not.
    let objectives: [(name: String, labels: [String: String])]

    func read(_ document: ResourceDocument) -> SelectingPolicy? {
        guard let fields = document.specFields() else { return nil }
        fields.readDescription()
        let selectorReader = fields.required("selector", example: "{names: [my-slo]}")
        let severity = fields.required("severity", example: "page").flatMap(AlertReader.readSeverity)
        let confidence = fields.optional("confidence").map(readConfidence)
        let keepFiringFor = fields.optional("keepFiringFor").map {
            $0.duration(minimum: 0, maximum: ObjectiveAlert.keepFiringForNanosecondsMax)
        }
        let condition = fields.required("condition", example: "{burnRate: {above: 14.4, long: 1h}}")
            .flatMap(readCondition)
        fields.finish()
        let selector = selectorReader.flatMap(readSelector)
        guard let selector, let severity, let condition else { return nil }
        if let confidence, confidence == nil { return nil }
        if let keepFiringFor, keepFiringFor == nil { return nil }
        let policy = SelectingPolicy(
            alert: ObjectiveAlert(
                name: document.name, severity: severity, condition: condition,
                confidence: (confidence ?? nil) ?? ObjectiveAlert.confidenceDefault,
                keepFiringForNanoseconds: keepFiringFor ?? nil),
            names: selector.names, labels: selector.labels, nameReader: document.nameReader)
        guard objectives.contains(where: { policy.selects(name: $0.name, labels: $0.labels) }) else {
            selectorReader?.report(
                "the policy selects no SLO, so that it would never alert", "name an SLO, or labels that one has")
            return nil
        }
        return policy
    }

    private func readSelector(_ reader: NodeReader) -> (names: [String], labels: [String: String])? {
        guard let fields = reader.mapping() else { return nil }
        let namesReader = fields.optional("names")
        let labelsReader = fields.optional("matchLabels")
        fields.finish()
        let given = namesReader?.list() ?? []
        let names = given.compactMap(readName)
        var labels: [String: String] = [:]
        for (name, value) in labelsReader?.mapping()?.all() ?? [] { labels[name] = value.string() }
        guard !names.isEmpty || !labels.isEmpty else {
            if given.isEmpty {
                reader.report("the selector has neither names nor matchLabels", "write {names: [my-slo]}")
            }
            return nil
        }
        return names.count == given.count ? (names, labels) : nil
    }

    private func readName(_ reader: NodeReader) -> String? {
        guard let name = reader.nonEmptyString() else { return nil }
        let known = objectives.map(\.name)
        guard known.contains(name) else {
            reader.report(
                "there is no SLO \"\(YAMLNode.shortened(name))\"",
                EditDistance.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" } ?? "declare it")
            return nil
        }
        return name
    }

    private func readConfidence(_ reader: NodeReader) -> Ratio? {
        guard let confidence = reader.decimal() else { return nil }
        guard confidence >= Ratio(9, 10), confidence < .one else {
            reader.report("the confidence is not from 0.9 to below 1", "write a number such as 0.999")
            return nil
        }
        return confidence
    }

    // MARK: Conditions

    private static let names = ["all", "any", "burnRate", "budgetLeft", "budgetDrop", "timeToExhaustion", "noData"]

    private func readCondition(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let all = fields.optional("all")
        let any = fields.optional("any")
        let burnRate = fields.optional("burnRate")
        let budgetLeft = fields.optional("budgetLeft")
        let budgetDrop = fields.optional("budgetDrop")
        let exhaustion = fields.optional("timeToExhaustion")
        let noData = fields.optional("noData")
        fields.finish()
        let given = [all, any, burnRate, budgetLeft, budgetDrop, exhaustion, noData].compactMap(\.self)
        guard given.count == 1 else {
            reader.report(
                given.isEmpty ? "the condition says nothing" : "there are \(given.count) conditions in one mapping",
                given.isEmpty
                    ? "write one of: \(AlertPolicyReader.names.joined(separator: ", "))"
                    : "write a list of them under \"all\" or \"any\"")
            return nil
        }
        if let all { return readConditions(all).map(AlertCondition.all) }
        if let any { return readConditions(any).map(AlertCondition.any) }
        if let burnRate { return readBurnRate(burnRate) }
        if let budgetLeft { return readBudgetLeft(budgetLeft) }
        if let budgetDrop { return readBudgetDrop(budgetDrop) }
        if let exhaustion { return readTimeToExhaustion(exhaustion) }
        return noData.flatMap(readNoData)
    }

    private func readConditions(_ reader: NodeReader) -> [AlertCondition]? {
        guard let elements = reader.list() else { return nil }
        if elements.isEmpty { reader.report("there is no condition in the list", "write one or more") }
        let conditions = elements.compactMap(readCondition)
        return conditions.count == elements.count && !conditions.isEmpty ? conditions : nil
    }

    private func readBurnRate(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let factor = fields.required("above", example: "14.4").flatMap(readPositive)
        let long = fields.required("long", example: "1h").flatMap(readLookback)
        let shortReader = fields.optional("short")
        let short = shortReader.map(readLookback)
        fields.finish()
        guard let factor, let long else { return nil }
        guard let short else {
            return .burnRate(factor: factor, long: long, short: AlertReader.shortWindow(of: long))
        }
        guard let short else { return nil }
        guard short <= long else {
            shortReader?.report("the short look-back is longer than the long one", "make it shorter")
            return nil
        }
        return .burnRate(factor: factor, long: long, short: short)
    }

    private func readBudgetLeft(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let belowReader = fields.required("below", example: "0.2")
        fields.finish()
        guard let below = belowReader?.decimal() else { return nil }
        guard below >= .zero, below <= .one else {
            belowReader?.report("the share is not from 0 to 1", "write a share of the budget such as 0.2")
            return nil
        }
        return .budgetLeft(below: below)
    }

    private func readBudgetDrop(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let above = fields.required("above", example: "0.1").flatMap(readPositive)
        let lookback = fields.required("in", example: "1d").flatMap(readLookback)
        fields.finish()
        guard let above, let lookback else { return nil }
        return .budgetDrop(above: above, in: lookback)
    }

    private func readTimeToExhaustion(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let below = fields.required("below", example: "2d")?.duration(
            minimum: AlertReader.shortWindowMinimum, example: "2d")
        let over = fields.required("over", example: "1h").flatMap(readLookback)
        fields.finish()
        guard let below, let over else { return nil }
        return .timeToExhaustion(below: below, over: over)
    }

    private func readNoData(_ reader: NodeReader) -> AlertCondition? {
        guard let fields = reader.mapping() else { return nil }
        let length = fields.required("for", example: "30m").flatMap(readLookback)
        fields.finish()
        return length.map { .noData(for: $0) }
    }

    private func readLookback(_ reader: NodeReader) -> Int64? {
        reader.duration(
            minimum: AlertReader.shortWindowMinimum, maximum: AlertReader.lookbackMaximum, example: "1h")
    }

    private func readPositive(_ reader: NodeReader) -> Ratio? {
        guard let value = reader.decimal() else { return nil }
        guard value > .zero else {
            reader.report("the number is not above 0", "write a number such as 14.4 or 0.1")
            return nil
        }
        return value
    }
}
