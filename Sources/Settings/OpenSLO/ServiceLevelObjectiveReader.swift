import Objectives
import TelemetryModel
import Text

/// Reads the `spec` of an SLO, with all that it refers to.
struct ServiceLevelObjectiveReader {
    let indicators: IndicatorReader
    let alerts: AlertReader
    /// SLIs and policies declared, by name; `nil` for one with problems of its own.
    let declaredIndicators: [String: IndicatorTemplate?]
    let indicatorNames: [String]
    let policies: [String: [ObjectiveAlert]?]
    let policyNames: [String]
    let serviceNames: [String]

    /// One objective for each entry of `objectives`; none when something is wrong.
    func read(_ document: ResourceDocument) -> [ServiceLevelObjective] {
        guard let fields = document.specFields() else { return [] }
        var description = document.description
        description.description = fields.readDescription()
        let service = fields.required("service", example: "my-service").flatMap(readService)
        let inlineReader = fields.optional("indicator")
        let referenceReader = fields.optional("indicatorRef")
        let window = fields.required("timeWindow", example: "[{duration: 30d, isRolling: true}]").flatMap(readWindow)
        let methodReader = fields.required("budgetingMethod", example: "Occurrences")
        let objectivesReader = fields.required("objectives", example: "[{target: 0.999}]")
        let policiesReader = fields.optional("alertPolicies")
        fields.finish()

        let indicator = readIndicator(inline: inlineReader, reference: referenceReader, of: fields.node)
        let method = methodReader?.choice(ObjectiveReader.Method.self)
        let objectives = objectivesReader.flatMap {
            readObjectives($0, method: method, window: window, indicator: indicator)
        }
        let alerts = policiesReader.map(readPolicies)
        guard let service, let indicatorName = indicator?.name, let window, let objectives else { return [] }
        if let alerts, alerts == nil { return [] }
        return objectives.enumerated().map { index, objective in
            var described = description
            described.displayName = objective.displayName ?? description.displayName
            let slice = objective.method.sliceNanoseconds
            if let policiesReader, let alerts {
                for alert in alerts ?? [] {
                    AlertReader.checkReach(of: alert, target: objective.target, policiesReader)
                }
            }
            return ServiceLevelObjective(
                metadata: .init(
                    name: objectives.count == 1 ? document.name : "\(document.name)/\(index + 1)",
                    description: described),
                service: service, indicator: ServiceLevelIndicator(name: indicatorName, form: objective.form),
                window: window, method: objective.method, target: objective.target,
                alerts: ((alerts ?? nil)
                    ?? ObjectiveAlert.defaults(
                        window: window.nominalNanoseconds, target: objective.target)).map {
                        $0.roundedUp(toSlices: slice)
                    })
        }
    }

    /// A service needs no declaration; where services are declared, it must be one of them.
    private func readService(_ reader: NodeReader) -> String? {
        guard let name = reader.nonEmptyString() else { return nil }
        guard serviceNames.isEmpty || serviceNames.contains(name) else {
            reader.report(
                "there is no Service \"\(YAMLNode.shortened(name))\" among those declared",
                EditDistance.nearest(to: name, among: serviceNames).map { "did you mean \"\($0)\"?" } ?? "declare it")
            return nil
        }
        return name
    }

    private func readIndicator(
        inline: NodeReader?, reference: NodeReader?, of spec: NodeReader
    ) -> IndicatorTemplate? {
        switch (inline, reference) {
        case (let inline?, nil):
            return indicators.readInline(inline)
        case (nil, let reference?):
            guard let name = reference.nonEmptyString() else { return nil }
            guard let indicator = declaredIndicators[name] else {
                reference.report(
                    "there is no SLI \"\(YAMLNode.shortened(name))\"",
                    EditDistance.nearest(to: name, among: indicatorNames).map { "did you mean \"\($0)\"?" }
                        ?? "declare it, or write the indicator in its place")
                return nil
            }
            return indicator
        case (nil, nil):
            spec.report("the SLO has neither an indicator nor an indicatorRef", "add \"indicatorRef: my-sli\"")
            return nil
        case (_?, let reference?):
            reference.report("the SLO has an indicator and an indicatorRef", "keep one of them")
            return nil
        }
    }

    private func readWindow(_ reader: NodeReader) -> ComplianceWindow? {
        guard let elements = reader.list() else { return nil }
        guard elements.count == 1 else {
            reader.report("the SLO has \(elements.count) time windows", "give exactly one")
            return nil
        }
        guard let fields = elements[0].mapping() else { return nil }
        let durationReader = fields.required("duration", example: "30d")
        let rollingReader = fields.optional("isRolling")
        let calendarReader = fields.optional("calendar")
        fields.finish()
        let isRolling = rollingReader?.bool()
        if rollingReader != nil, isRolling == nil { return nil }
        if let calendarReader {
            calendarReader.report(
                "calendar-aligned windows are not supported by this version",
                "remove \"calendar\", and set \"isRolling: true\"")
            return nil
        }
        guard isRolling == true else {
            (rollingReader ?? elements[0]).report(
                "calendar-aligned windows are not supported by this version", "set \"isRolling: true\"")
            return nil
        }
        guard let durationReader,
            let duration = durationReader.duration(minimum: DurationText.nanosecondsPerMinute, example: "30d")
        else { return nil }
        guard duration % BudgetingMethod.occurrencesSliceNanoseconds == 0 else {
            durationReader.report("the window is no whole number of minutes", "write a duration such as 30d")
            return nil
        }
        return .rolling(nanoseconds: duration)
    }

    private func readObjectives(
        _ reader: NodeReader, method: ObjectiveReader.Method?, window: ComplianceWindow?,
        indicator: IndicatorTemplate?
    ) -> [ObjectiveReader.Objective]? {
        guard let elements = reader.list() else { return nil }
        if elements.isEmpty {
            reader.report("the SLO has no objective", "write \"objectives: [{target: 0.999}]\"")
            return nil
        }
        if indicator?.shape == .threshold, elements.count > 1 {
            elements[1].report(
                "an SLO with a thresholdMetric has one objective", "make an SLO of each other objective")
        }
        let objectives = elements.compactMap {
            ObjectiveReader(method: method, window: window, indicator: indicator).read($0)
        }
        return objectives.count == elements.count ? objectives : nil
    }

    /// The alerts of all policies, in their order.
    private func readPolicies(_ reader: NodeReader) -> [ObjectiveAlert]? {
        guard let elements = reader.list() else { return nil }
        var result: [ObjectiveAlert] = []
        var isValid = true
        for element in elements {
            guard let alerts = readPolicy(element) else {
                isValid = false
                continue
            }
            for alert in alerts {
                if result.contains(where: { $0.name == alert.name }) {
                    element.report("the alert \"\(alert.name)\" is there twice", "name each condition once")
                    isValid = false
                }
                result.append(alert)
            }
        }
        return isValid ? result : nil
    }

    /// An inline policy, or `alertPolicyRef`.
    private func readPolicy(_ reader: NodeReader) -> [ObjectiveAlert]? {
        guard let fields = reader.mapping(orReference: "alertPolicyRef") else { return nil }
        guard let reference = fields.optional("alertPolicyRef") else {
            fields.ignore("apiVersion", "kind")
            let metadata = ResourceMetadata.read(fields)
            let spec = fields.required("spec", example: "{conditions: …}")?.mapping()
            fields.finish()
            let policyAlerts = spec.flatMap(alerts.readPolicy)
            return metadata?.validName == nil ? nil : policyAlerts
        }
        fields.finish()
        guard let name = reference.nonEmptyString() else { return nil }
        guard let policy = policies[name] else {
            reference.report(
                "there is no AlertPolicy \"\(YAMLNode.shortened(name))\"",
                EditDistance.nearest(to: name, among: policyNames).map { "did you mean \"\($0)\"?" }
                    ?? "declare it, or write the policy in its place")
            return nil
        }
        return policy
    }
}
