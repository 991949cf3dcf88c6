import Expressions
import Objectives
import TelemetryModel

/// How often each selector matched, and the names seen in the fields that selectors ask about.
package struct SelectorTally: EventConsumer {
    package let selectors: [Selector]
    private(set) var matches: [Int]
    /// Of the records that a selector matched, those that have the field that it measures.
    private var measured: [Int]
    private var measureSlots: [Int?] = []
    /// Where the other statistics of the metric stand, and their names.
    private var statisticSlots: [Int?] = []
    private var statistics: [Int: SeenNames] = [:]
    package private(set) var events: [EventKind: Int] = [:]
    /// What the selectors' filters find in a batch, by its kind.
    private let found: [EventKind: SelectorMatches]
    /// Of those that were asked for, since something was read.
    private var nearNames: [SelectorNames.Field: NearNames] = [:]
    private var fields: SelectorNames

    /// - Parameter areUnmatched: it is known that the selectors match nothing; only the fields that they measure are looked for.
    package init(
        _ selectors: [Selector], _ builders: inout [EventKind: ProjectionBuilder], areUnmatched: Bool = false
    ) throws {
        self.selectors = selectors
        matches = Array(repeating: 0, count: selectors.count)
        measured = matches
        var selections: [EventKind: [(place: Int, selection: FilterIndex.Selection)]] = [:]
        for (place, selector) in selectors.enumerated() {
            var builder = builders[selector.kind] ?? ProjectionBuilder(kind: selector.kind)
            if !areUnmatched || selector.measure != nil {
                let filter = try selector.filter.map {
                    try ExpressionCompiler.compileFilter($0, over: selector.kind, projection: &builder)
                }
                selections[selector.kind, default: []].append((place, FilterIndex.Selection(whole: filter)))
            }
            measureSlots.append(selector.measure.map { builder.slot(for: $0) })
            statisticSlots.append(selector.statistics.map { builder.slot(for: $0) })
            builders[selector.kind] = builder
        }
        fields = SelectorNames(selectors, &builders)
        found = selections.mapValues(SelectorMatches.init)
    }

    package mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        let kind = batch.projection.kind
        nearNames = [:]
        events[kind, default: 0] += batch.count
        if let found = found[kind] {
            for first in stride(from: 0, to: batch.count, by: RowMask.rowsMax) {
                found.matches.take(batch, payload, from: first)
                for number in 0..<found.matches.count {
                    let match = found.matches[number]
                    for place in found.places[match.selector] {
                        matches[place] += match.rows.count
                        if measureSlots[place] == nil { continue }
                        match.rows.forEach { noteMeasure(batch.row(first + $0, of: payload), place) }
                    }
                }
            }
        }
        fields.note(batch, payload)
    }

    package mutating func reject(_ rejection: borrowing Rejection) {}

    private mutating func noteMeasure(_ event: borrowing EventView, _ place: Int) {
        guard let slot = measureSlots[place] else { return }
        if event[slot].isPresent { measured[place] += 1 }
        guard let slot = statisticSlots[place] else { return }
        for name in SelectorNames.keys(event, slot) { statistics[place, default: SeenNames()].insert(name) }
    }

    /// Whether a selector matches no record, or none that has what it measures.
    package func hasNothing(_ place: Int) -> Bool {
        matches[place] == 0 || (selectors[place].measure != nil && measured[place] == 0)
    }

    // MARK: What to say

    /// Why a selector matched nothing, as far as the names seen tell.
    ///
    /// - Parameter scope: what was read, where that is not all, as `the first 64 MiB`.
    package mutating func explanation(of place: Int, in scope: String? = nil) -> ReportWarning {
        let selector = selectors[place]
        let part = selector.part.map { $0 + " " } ?? ""
        func warning(_ text: String, _ near: [String] = []) -> ReportWarning {
            ReportWarning(
                code: .selectorUnmatched, subject: selector.subject, part: selector.part, text: part + text, near: near)
        }
        let none = scope.map { "in \($0) none" } ?? "none"
        if events[selector.kind, default: 0] == 0 {
            let kind = selector.kind.readableName
            return warning(
                "matched no record: "
                    + (scope.map { "there is no \(kind) record in \($0)" } ?? "no \(kind) record was read"))
        }
        if matches[place] > 0, measured[place] == 0, let measure = selector.measure {
            let name = selector.statistics == nil ? "\(measure)" : "statistic \"\(measure.lastKey)\""
            let seen = statistics[place] ?? SeenNames()
            let names = NearNames(seen.values)
            let near = names.near(measure.lastKey)
            return warning(
                "matched no record: \(none) has the \(name)" + SelectorTally.hint(near, orAll: names, seen), near)
        }
        for term in selector.terms {
            let field = fields.field(of: term, of: selector)
            let seen = fields.seen(field)
            if term.values.contains(where: seen.values.contains) { continue }
            let asked = term.values.map { "\"\($0)\"" }.joined(separator: " or ")
            if seen.values.isEmpty {
                let keys = fields.dimensionKeys(of: selector, for: term)
                let names = NearNames(keys.values)
                let near = names.near(term.path.lastKey)
                return warning(
                    "matched no record: \(none) has \(term.path)" + SelectorTally.hint(near, orAll: names, keys), near)
            }
            let names = nearNames(in: field)
            var near: [String] = []
            for name in term.values.flatMap(names.near) where !near.contains(name) { near.append(name) }
            return warning(
                "matched no record: \(none) has \(term.path) \(asked)"
                    + SelectorTally.hint(near, orAll: names, seen), near)
        }
        if let sets = fields.dimensionSets(of: selector), selector.terms.count > 2 || !selector.sumsAllDimensions {
            return warning(
                "matched no record: its names were seen, but not together; "
                    + (scope.map { "in \($0) the metric" } ?? "the metric") + " comes with the dimensions "
                    + sets.values.sorted().prefix(5).joined(separator: ", "))
        }
        if !selector.terms.isEmpty {
            return warning(
                "matched no record: the names that it asks for were seen, so that its conditions were not met together")
        }
        return warning("matched no record" + (part.isEmpty ? "" : ": either nothing was \(part)or its filter is wrong"))
    }

    /// The names that are near, or else some of those seen.
    private static func hint(_ near: [String], orAll names: NearNames, _ seen: SeenNames) -> String {
        if seen.values.isEmpty { return "" }
        let shown = near.isEmpty ? Array(names.names.prefix(5)) : near
        let rest = near.isEmpty && (seen.values.count > 5 || seen.isCut) ? ", …" : ""
        return "; \(near.isEmpty ? "seen" : "near to it") " + shown.map { "\"\($0)\"" }.joined(separator: ", ") + rest
    }

    /// That a selector without dimensions adds up series that differ in their dimensions' names.
    package func summedDimensions(of place: Int) -> ReportWarning? {
        let selector = selectors[place]
        guard selector.sumsAllDimensions, let sets = fields.dimensionSets(of: selector), sets.values.count > 1
        else { return nil }
        let part = selector.part.map { $0 + " " } ?? ""
        return ReportWarning(
            code: .dimensionSetsSummed, subject: selector.subject, part: selector.part,
            text: part + "adds up the metric of \(sets.values.count) sets of dimensions, "
                + sets.values.sorted().prefix(5).joined(separator: ", ")
                + ": the same may count several times; give dimensions")
    }

    private mutating func nearNames(in field: SelectorNames.Field) -> NearNames {
        if let known = nearNames[field] { return known }
        let made = NearNames(fields.seen(field).values)
        nearNames[field] = made
        return made
    }
}

/// What an index of selectors finds; behind a reference, because dictionaries can't hold what can't be copied.
private final class SelectorMatches {
    /// By the index's selectors: theirs in the tally.
    let places: JaggedArray<Int>
    var matches: FilterMatches

    init(_ selections: [(place: Int, selection: FilterIndex.Selection)]) {
        let index = FilterIndex(selections.map(\.selection))
        places = index.selections.map { selections[$0].place }
        matches = FilterMatches(index)
    }
}

extension EventKind {
    /// As people call it.
    var readableName: String {
        switch self {
        case .cloudTrail: "CloudTrail"
        case .vpcFlow: "flow log"
        case .metric: "metric"
        }
    }
}

extension FieldPath {
    /// The innermost key.
    fileprivate var lastKey: String {
        guard case .key(let key)? = components.last else { return description }
        return key
    }
}

extension Selector {
    /// Where a metric's statistics stand, of which `measure` is one; `nil` for its sum, count and extremes, which have places
    /// of their own.
    fileprivate var statistics: FieldPath? {
        guard kind == .metric, let measure, measure.components.count == 3 else { return nil }
        return FieldPath(Array(measure.components.dropLast()))
    }
}
