import Aggregation
import Expressions
import Objectives
import Settings
import TelemetryModel

extension PipelinePlan {
    /// What an objective's resource says of itself, with the labels `account` and `region` where its selectors take records of one alone.
    package func description(ofObjective place: Int) -> ResourceDescription {
        let parts = parts(ofObjective: place).map(\.plan.definition)
        return described(objectives[place].metadata.description, counting: parts)
    }

    /// The parts of an objective, found by halves: they are in the objectives' order.
    private func parts(ofObjective place: Int) -> ArraySlice<IndicatorPart> {
        var (lower, upper) = (0, indicatorParts.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if indicatorParts[middle].objective < place { lower = middle + 1 } else { upper = middle }
        }
        return indicatorParts[lower...].prefix { $0.objective == place }
    }

    /// The same of a monitor, whose rollup selects.
    package func description(ofMonitor place: Int) -> ResourceDescription {
        let monitor = monitors[place]
        return described(monitor.definition.description, counting: [rollups[monitor.rollup].plan.definition])
    }

    private func described(_ resource: ResourceDescription, counting parts: [RollupDefinition]) -> ResourceDescription {
        var resource = resource
        let origins = parts.flatMap(FixedOrigin.all)
        if let account = FixedOrigin.common(origins.map(\.account)) {
            resource.labels["account"] = resource.labels["account"] ?? account
        }
        if let region = FixedOrigin.common(origins.map(\.region)) {
            resource.labels["region"] = resource.labels["region"] ?? region
        }
        return resource
    }
}

/// The account and the region of all records that a selector takes; `nil` for one that takes those of several.
private struct FixedOrigin {
    let account: String?
    let region: String?

    /// Of each measure that a part counts.
    static func all(_ part: RollupDefinition) -> [FixedOrigin] {
        let whole = terms(part.filter)
        return part.measures.map { measure in
            let terms = whole + terms(measure.filter)
            return FixedOrigin(
                account: value(of: part.source == .cloudTrail ? "recipientAccountId" : "account_id", in: terms),
                region: value(of: part.source == .cloudTrail ? "awsRegion" : "region", in: terms))
        }
    }

    /// What all of them have; `nil` where one has another or none.
    static func common(_ values: [String?]) -> String? {
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private static func terms(_ filter: String?) -> [EqualityTerm] {
        filter.map { EqualityTerm.terms(of: $0, mentioning: "").terms } ?? []
    }

    private static func value(of field: String, in terms: [EqualityTerm]) -> String? {
        terms.first { $0.path == FieldPath(keys: field) && $0.values.count == 1 }?.values[0]
    }
}
