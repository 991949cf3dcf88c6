import Aggregation
import Objectives
import TelemetryModel

/// How the good and total of one objective are counted: rollups, one for each source that it reads, with its groups where it has some.
///
/// Counting an indicator is the same mechanism as a rollup, so it has the same exactness, and needs no code of its own.
///
/// **Good is a part of total.** Of events a record is good, or bad, only if it is in total: total's filter is that of the
/// whole rollup, and what is good is asked only of the records that pass. The good and the total of metrics are different
/// records, and so are those of different sources: there the ledger finds the slices that contradict themselves.
package struct CompiledIndicator: Sendable {
    /// What one measure of a part adds to.
    package enum Role: Sendable, Equatable {
        case good
        case bad
        case total
    }

    /// The measures of one source.
    struct Part: Sendable {
        let source: EventKind
        let definition: RollupDefinition
        /// One for each measure of the definition.
        let roles: [Role]
    }

    let parts: [Part]
    /// Whether good is counted itself; otherwise it is total less bad.
    let countsGood: Bool

    init(_ objective: ServiceLevelObjective) {
        var queries: [(Role, MetricQuery)] = []
        switch objective.indicator.form {
        case .ratio(let good, let bad, let total):
            if let good { queries.append((.good, good)) }
            if let bad, good == nil { queries.append((.bad, bad)) }
            queries.append((.total, total))
            countsGood = good != nil
        case .threshold(let query, let comparison, let threshold):
            queries = CompiledIndicator.thresholdQueries(query, comparison, threshold)
            countsGood = true
        }
        var parts: [Part] = []
        for source in EventKind.allCases {
            let own = queries.filter { $0.1.source == source }
            if own.isEmpty { continue }
            let total = source == .metric ? nil : own.first { $0.0 == .total }?.1
            let measures = own.map { role, query in
                MeasureDefinition(
                    name: "\(role)", kind: query.measure.map(MeasureDefinition.Kind.sum) ?? .count,
                    filter: total != nil && role == .total ? nil : query.filter)
            }
            parts.append(
                Part(
                    source: source,
                    definition: RollupDefinition(
                        name: objective.name, source: source, windowNanoseconds: objective.sliceNanoseconds,
                        filter: total?.filter, groupBy: objective.groupBy, measures: measures),
                    roles: own.map(\.0)))
        }
        self.parts = parts
    }

    /// Counts the records that have a number to compare, and those of them that are in the right relation to the
    /// threshold. A record without the value makes the comparison an error, and is in neither.
    private static func thresholdQueries(
        _ query: MetricQuery, _ comparison: ServiceLevelIndicator.Comparison, _ threshold: Double
    ) -> [(Role, MetricQuery)] {
        let value = query.measureExpression ?? query.measure.map { "event.\($0)" } ?? "0"
        let symbol =
            switch comparison {
            case .lte: "<="
            case .gte: ">="
            case .lt: "<"
            case .gt: ">"
            }
        let prefix = query.filter.map { "(\($0)) && " } ?? ""
        func counted(_ condition: String) -> MetricQuery {
            MetricQuery(source: query.source, filter: prefix + condition)
        }
        return [
            (.good, counted("(\(value)) \(symbol) \(threshold)")),
            (.total, counted("((\(value)) <= 0.0 || (\(value)) > 0.0)")),
        ]
    }
}
