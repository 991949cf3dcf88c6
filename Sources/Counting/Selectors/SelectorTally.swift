import Expressions
import JSON
import Objectives
import TelemetryModel

/// How often each selector matched, and the names seen in the fields that selectors ask about.
package struct SelectorTally: EventConsumer {
    /// A metric of a namespace.
    private struct Metric: Hashable {
        let namespace: String
        let name: String
    }

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
    /// Slots of the fields that terms are about, by kind.
    private var slots: [EventKind: [FieldPath: Int]] = [:]
    private var names: [EventKind: [FieldPath: SeenNames]] = [:]
    /// Sets of dimensions' names that each metric comes with; bounded as names are.
    private var dimensionSets: [Metric: SeenNames] = [:]
    /// Metrics' names by namespace; bounded as names are.
    private var metricNames: [String: SeenNames] = [:]
    /// Of those that were asked for, since something was read.
    private var nearNames: [Field: NearNames] = [:]

    /// Where names are of: a kind's field, or metrics of a namespace.
    private enum Field: Hashable {
        case field(EventKind, FieldPath)
        case metrics(namespace: String)
    }

    private static let namespacePath = FieldPath(keys: "namespace")
    private static let metricPath = FieldPath(keys: "metric_name")
    private static let dimensionsPath = FieldPath(keys: "dimensions")

    package init(_ selectors: [Selector], _ builders: inout [EventKind: ProjectionBuilder]) throws {
        self.selectors = selectors
        matches = Array(repeating: 0, count: selectors.count)
        measured = matches
        var selections: [EventKind: [(place: Int, selection: FilterIndex.Selection)]] = [:]
        for (place, selector) in selectors.enumerated() {
            var builder = builders[selector.kind] ?? ProjectionBuilder(kind: selector.kind)
            let filter = try selector.filter.map {
                try ExpressionCompiler.compileFilter($0, over: selector.kind, projection: &builder)
            }
            selections[selector.kind, default: []].append((place, FilterIndex.Selection(whole: filter)))
            measureSlots.append(selector.measure.map { builder.slot(for: $0) })
            statisticSlots.append(selector.statistics.map { builder.slot(for: $0) })
            for term in selector.terms { slots[selector.kind, default: [:]][term.path] = builder.slot(for: term.path) }
            if selector.kind == .metric {
                for path in [SelectorTally.namespacePath, SelectorTally.metricPath, SelectorTally.dimensionsPath] {
                    slots[.metric, default: [:]][path] = builder.slot(for: path)
                }
            }
            builders[selector.kind] = builder
        }
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
                    let place = found.places[match.selector]
                    matches[place] += match.rows.count
                    if measureSlots[place] == nil { continue }
                    match.rows.forEach { noteMeasure(batch.row(first + $0, of: payload), place) }
                }
            }
        }
        for row in 0..<batch.count { note(batch.row(row, of: payload), kind) }
    }

    package mutating func reject(_ rejection: borrowing Rejection) {}

    private mutating func note(_ event: borrowing EventView, _ kind: EventKind) {
        guard let slots = slots[kind] else { return }
        for (path, slot) in slots where path != SelectorTally.dimensionsPath {
            if let text = SelectorTally.text(event, slot) {
                names[kind, default: [:]][path, default: SeenNames()].insert(text)
            }
        }
        guard kind == .metric, let namespaceSlot = slots[SelectorTally.namespacePath],
            let nameSlot = slots[SelectorTally.metricPath], let dimensionsSlot = slots[SelectorTally.dimensionsPath],
            let name = SelectorTally.text(event, nameSlot)
        else { return }
        let namespace = SelectorTally.text(event, namespaceSlot) ?? ""
        let metric = Metric(namespace: namespace, name: name)
        if metricNames[namespace] != nil || metricNames.count < SeenNames.valuesMax {
            metricNames[namespace, default: SeenNames()].insert(name)
        }
        guard dimensionSets[metric] != nil || dimensionSets.count < SeenNames.valuesMax else { return }
        dimensionSets[metric, default: SeenNames()].insert(SelectorTally.dimensionNames(event, dimensionsSlot))
    }

    private mutating func noteMeasure(_ event: borrowing EventView, _ place: Int) {
        guard let slot = measureSlots[place] else { return }
        if event[slot].isPresent { measured[place] += 1 }
        guard let slot = statisticSlots[place] else { return }
        for name in SelectorTally.keys(event, slot) { statistics[place, default: SeenNames()].insert(name) }
    }

    /// Whether a selector matches no record, or none that has what it measures.
    package func hasNothing(_ place: Int) -> Bool {
        matches[place] == 0 || (selectors[place].measure != nil && measured[place] == 0)
    }

    private static func text(_ event: borrowing EventView, _ slot: Int) -> String? {
        let value = event[slot]
        switch value.kind {
        case .text, .arenaText: return String(decoding: [UInt8](copying: event.bytes(of: value)), as: UTF8.self)
        case .integer: return "\(value.integerValue)"
        default: return nil
        }
    }

    /// `{LoadBalancer, TargetGroup}`, in the alphabet's order.
    private static func dimensionNames(_ event: borrowing EventView, _ slot: Int) -> String {
        "{" + keys(event, slot).sorted().joined(separator: ", ") + "}"
    }

    /// The keys of an object.
    private static func keys(_ event: borrowing EventView, _ slot: Int) -> [String] {
        let value = event[slot]
        var found: [String] = []
        switch value.kind {
        case .json, .arenaJSON:
            var cursor = JSONCursor([UInt8](copying: event.bytes(of: value)))
            do {
                try cursor.beginObject()
                while let key = try cursor.nextKey() {
                    found.append(key)
                    try cursor.skipValue()
                }
            } catch {}
        default: break
        }
        return found
    }

    // MARK: What to say

    /// Why a selector matched nothing, as far as the names seen tell.
    package mutating func explanation(of place: Int) -> ReportWarning {
        let selector = selectors[place]
        let part = selector.part.map { $0 + " " } ?? ""
        func warning(_ text: String, _ near: [String] = []) -> ReportWarning {
            ReportWarning(
                code: .selectorUnmatched, subject: selector.subject, part: selector.part, text: part + text, near: near)
        }
        if events[selector.kind, default: 0] == 0 {
            return warning("matched no record: no \(selector.kind.readableName) record was read")
        }
        if matches[place] > 0, measured[place] == 0, let measure = selector.measure {
            let name = selector.statistics == nil ? "\(measure)" : "statistic \"\(measure.lastKey)\""
            let seen = statistics[place] ?? SeenNames()
            let names = NearNames(seen.values)
            let near = names.near(measure.lastKey)
            return warning(
                "matched no record: none has the \(name)" + SelectorTally.hint(near, orAll: names, seen), near)
        }
        for term in selector.terms {
            let field = field(of: term, of: selector)
            let seen = seen(field)
            if term.values.contains(where: seen.values.contains) { continue }
            let asked = term.values.map { "\"\($0)\"" }.joined(separator: " or ")
            if seen.values.isEmpty {
                let keys = dimensionKeys(of: selector, for: term)
                let names = NearNames(keys.values)
                let near = names.near(term.path.lastKey)
                return warning(
                    "matched no record: none has \(term.path)" + SelectorTally.hint(near, orAll: names, keys), near)
            }
            let names = nearNames(in: field)
            var near: [String] = []
            for name in term.values.flatMap(names.near) where !near.contains(name) { near.append(name) }
            return warning(
                "matched no record: none has \(term.path) \(asked)" + SelectorTally.hint(near, orAll: names, seen), near
            )
        }
        if let sets = sets(of: selector), selector.terms.count > 2 || !selector.sumsAllDimensions {
            return warning(
                "matched no record: its names were seen, but not together; the metric comes with the dimensions "
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

    /// Where a term is about a dimension: the names of the dimensions that the metric comes with, or any metric where that one
    /// was not seen.
    private func dimensionKeys(of selector: Selector, for term: EqualityTerm) -> SeenNames {
        var keys = SeenNames()
        guard selector.kind == .metric, case .key("dimensions")? = term.path.components.first else { return keys }
        for set in (sets(of: selector).map { [$0] } ?? Array(dimensionSets.values)).flatMap(\.values) {
            for key in set.dropFirst().dropLast().split(separator: ", ") { keys.insert(String(key)) }
        }
        return keys
    }

    /// That a selector without dimensions adds up series that differ in their dimensions' names.
    package func summedDimensions(of place: Int) -> ReportWarning? {
        let selector = selectors[place]
        guard selector.sumsAllDimensions, let sets = sets(of: selector), sets.values.count > 1 else { return nil }
        let part = selector.part.map { $0 + " " } ?? ""
        return ReportWarning(
            code: .dimensionSetsSummed, subject: selector.subject, part: selector.part,
            text: part + "adds up the metric of \(sets.values.count) sets of dimensions, "
                + sets.values.sorted().prefix(5).joined(separator: ", ")
                + ": the same may count several times; give dimensions")
    }

    /// The term's field; of a metric's name the namespace asked for, where that is there.
    private func field(of term: EqualityTerm, of selector: Selector) -> Field {
        if selector.kind == .metric, term.path == SelectorTally.metricPath,
            let namespace = selector.value(SelectorTally.namespacePath), metricNames[namespace] != nil
        {
            return .metrics(namespace: namespace)
        }
        return .field(selector.kind, term.path)
    }

    private func seen(_ field: Field) -> SeenNames {
        switch field {
        case .field(let kind, let path): names[kind]?[path] ?? SeenNames()
        case .metrics(let namespace): metricNames[namespace] ?? SeenNames()
        }
    }

    private mutating func nearNames(in field: Field) -> NearNames {
        if let known = nearNames[field] { return known }
        let made = NearNames(seen(field).values)
        nearNames[field] = made
        return made
    }

    private func sets(of selector: Selector) -> SeenNames? {
        guard selector.kind == .metric, let name = selector.value(SelectorTally.metricPath) else { return nil }
        return dimensionSets[Metric(namespace: selector.value(SelectorTally.namespacePath) ?? "", name: name)]
    }
}

/// What an index of selectors finds; behind a reference, because dictionaries can't hold what can't be copied.
private final class SelectorMatches {
    /// By the index's selectors: theirs in the tally.
    let places: [Int]
    var matches: FilterMatches

    init(_ selections: [(place: Int, selection: FilterIndex.Selection)]) {
        let index = FilterIndex(selections.map(\.selection))
        places = index.order.map { selections[$0].place }
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

    /// The one value that a field must have.
    fileprivate func value(_ path: FieldPath) -> String? {
        guard let term = terms.first(where: { $0.path == path }), term.values.count == 1 else { return nil }
        return term.values[0]
    }
}
