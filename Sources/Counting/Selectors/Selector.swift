import Aggregation
import Expressions
import Objectives
import TelemetryModel

/// What one part of an SLO, or a rollup, asks of the events of one kind.
package struct Selector: Sendable {
    /// `SLO api-success`, `Rollup rejects`.
    package let subject: String
    /// `total`, `good` or `bad` of an SLO.
    package let part: String?
    let kind: EventKind
    /// `nil` takes every event.
    let filter: String?
    /// Conditions of the filter that name values.
    let terms: [EqualityTerm]
    /// Metrics of a name are added up whatever their dimensions.
    package let sumsAllDimensions: Bool
    /// The field that is added up or compared; `nil` where records are counted, or several fields make the number.
    let measure: FieldPath?

    init(
        subject: String, part: String?, kind: EventKind, filter: String?, adds: Bool, measure: FieldPath? = nil
    ) {
        self.measure = measure
        self.subject = subject
        self.part = part
        self.kind = kind
        self.filter = filter
        let (terms, readsDimensions) = EqualityTerm.terms(of: filter ?? "true", mentioning: "dimensions")
        self.terms = terms
        sumsAllDimensions = kind == .metric && adds && !readsDimensions && filter != nil
    }

    /// Those of an objective, total first. Of events, good and bad are asked only of what is in total.
    package static func selectors(of objective: ServiceLevelObjective) -> [Selector] {
        let subject = "SLO \(objective.name)"
        func selector(_ part: String, _ query: MetricQuery, within total: MetricQuery? = nil) -> Selector {
            var filters = [query.filter]
            if let total, total.source == query.source, query.source != .metric { filters.insert(total.filter, at: 0) }
            let filter = filters.compactMap(\.self).map { "(\($0))" }.joined(separator: " && ")
            return Selector(
                subject: subject, part: part, kind: query.source, filter: filter.isEmpty ? nil : filter, adds: true,
                measure: query.measure)
        }
        switch objective.indicator.form {
        case .ratio(let good, let bad, let total):
            var selectors = [selector("total", total)]
            if let good {
                selectors.append(selector("good", good, within: total))
            } else if let bad {
                selectors.append(selector("bad", bad, within: total))
            }
            return selectors
        case .threshold(let query, _, _):
            return [
                Selector(
                    subject: subject, part: "total", kind: query.source, filter: query.filter, adds: false,
                    measure: query.measure)
            ]
        }
    }

    package static func selector(of rollup: RollupDefinition) -> Selector {
        Selector(
            subject: "Rollup \(rollup.name)", part: nil, kind: rollup.source, filter: rollup.filter, adds: false)
    }
}
