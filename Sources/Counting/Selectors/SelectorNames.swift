import Expressions
import JSON
import Objectives
import TelemetryModel

/// The names seen in the fields that selectors ask about.
struct SelectorNames {
    /// Where names are of: a kind's field, or metrics of a namespace.
    enum Field: Hashable {
        case field(EventKind, FieldPath)
        case metrics(namespace: String)
    }

    /// A metric of a namespace.
    private struct Metric: Hashable {
        let namespace: String
        let name: String
    }

    private struct Column {
        let path: FieldPath
        let slot: Int
        var names: SeenNames
        var known = SeenHashes()

        mutating func note(_ batch: borrowing EventBatch, _ payload: RawSpan) {
            for row in 0..<batch.count {
                let value = batch.value(row, slot)
                guard let hash = SelectorNames.hash(ofName: value, batch, payload), known.insert(hash) else { continue }
                if let text = SelectorNames.text(batch.row(row, of: payload), slot) { names.insert(text) }
            }
        }
    }

    private var columns = PerKind<[Column]> { _ in [] }
    /// Sets of dimensions' names that each metric comes with; bounded as names are.
    private var dimensionSets: [Metric: SeenNames] = [:]
    /// Metrics' names by namespace; bounded as names are.
    private var metricNames: [String: SeenNames] = [:]
    /// Metrics with their dimensions, as they are written.
    private var knownMetrics = SeenHashes()
    /// Slots of the namespace, the name and the dimensions of a metric, where metrics are asked for.
    private var metricSlots: (namespace: Int, name: Int, dimensions: Int)?
    /// Those that filters ask for: known beyond the bounds.
    private var askedMetrics: Set<Metric> = []
    private var askedMetricNames: Set<String> = []

    private static let namespacePath = FieldPath(keys: "namespace")
    private static let metricPath = FieldPath(keys: "metric_name")
    private static let dimensionsPath = FieldPath(keys: "dimensions")

    init(_ selectors: [Selector], _ builders: inout [EventKind: ProjectionBuilder]) {
        var paths = PerKind<[FieldPath: Set<String>]> { _ in [:] }
        for selector in selectors {
            for term in selector.terms { paths[selector.kind][term.path, default: []].formUnion(term.values) }
            if let metric = SelectorNames.metric(of: selector) { askedMetrics.insert(metric) }
        }
        let asksMetrics = selectors.contains { $0.kind == .metric }
        if asksMetrics {
            // Also where none is asked for by its name: what is there is told.
            paths[.metric].merge([SelectorNames.namespacePath: [], SelectorNames.metricPath: []]) { asked, _ in asked }
        }
        for kind in EventKind.allCases {
            for (path, asked) in paths[kind] where path != SelectorNames.dimensionsPath {
                guard let slot = builders[kind]?.slot(for: path) else { continue }
                columns[kind].append(Column(path: path, slot: slot, names: SeenNames(asked: asked)))
            }
        }
        guard asksMetrics, var builder = builders[.metric] else { return }
        metricSlots = (
            builder.slot(for: SelectorNames.namespacePath), builder.slot(for: SelectorNames.metricPath),
            builder.slot(for: SelectorNames.dimensionsPath)
        )
        builders[.metric] = builder
        askedMetricNames = paths[.metric][SelectorNames.metricPath] ?? []
    }

    mutating func note(_ batch: borrowing EventBatch, _ payload: RawSpan) {
        let kind = batch.projection.kind
        for place in columns[kind].indices { columns[kind][place].note(batch, payload) }
        if kind == .metric { noteMetrics(batch, payload) }
    }

    private mutating func noteMetrics(_ batch: borrowing EventBatch, _ payload: RawSpan) {
        guard let slots = metricSlots else { return }
        for row in 0..<batch.count {
            var state = SeenHashes.hash.initial
            for slot in [slots.namespace, slots.name, slots.dimensions] {
                let hash = SelectorNames.hash(of: batch.value(row, slot), batch, payload)
                state = SeenHashes.hash.combine(hash ?? 0, state)
            }
            guard knownMetrics.insert(state) else { continue }
            let event = batch.row(row, of: payload)
            guard let name = SelectorNames.text(event, slots.name) else { continue }
            let namespace = SelectorNames.text(event, slots.namespace) ?? ""
            let metric = Metric(namespace: namespace, name: name)
            let isAsked = askedMetrics.contains(metric)
            if isAsked || metricNames[namespace] != nil || metricNames.count < SeenNames.valuesMax {
                metricNames[namespace, default: SeenNames(asked: askedMetricNames)].insert(name)
            }
            guard isAsked || dimensionSets[metric] != nil || dimensionSets.count < SeenNames.valuesMax else { continue }
            dimensionSets[metric, default: SeenNames()].insert(
                "{" + SelectorNames.keys(event, slots.dimensions).sorted().joined(separator: ", ") + "}")
        }
    }

    // MARK: Asking

    /// The term's field; of a metric's name the namespace asked for, where that is there.
    func field(of term: EqualityTerm, of selector: Selector) -> Field {
        if selector.kind == .metric, term.path == SelectorNames.metricPath,
            let namespace = selector.value(SelectorNames.namespacePath), metricNames[namespace] != nil
        {
            return .metrics(namespace: namespace)
        }
        return .field(selector.kind, term.path)
    }

    func seen(_ field: Field) -> SeenNames {
        switch field {
        case .field(let kind, let path): columns[kind].first { $0.path == path }?.names ?? SeenNames()
        case .metrics(let namespace): metricNames[namespace] ?? SeenNames()
        }
    }

    /// The sets of dimensions that the metric of a selector comes with.
    func dimensionSets(of selector: Selector) -> SeenNames? {
        SelectorNames.metric(of: selector).flatMap { dimensionSets[$0] }
    }

    /// The one that a selector names.
    private static func metric(of selector: Selector) -> Metric? {
        guard selector.kind == .metric, let name = selector.value(metricPath) else { return nil }
        return Metric(namespace: selector.value(namespacePath) ?? "", name: name)
    }

    /// Where a term is about a dimension: the names of the dimensions that the metric comes with, or any metric where that one
    /// was not seen.
    func dimensionKeys(of selector: Selector, for term: EqualityTerm) -> SeenNames {
        var keys = SeenNames()
        guard selector.kind == .metric, case .key("dimensions")? = term.path.components.first else { return keys }
        let sets = dimensionSets(of: selector).map { [$0] } ?? Array(dimensionSets.values)
        for set in sets.flatMap(\.values) {
            for key in set.dropFirst().dropLast().split(separator: ", ") { keys.insert(String(key)) }
        }
        return keys
    }

    // MARK: Values

    /// Of what `text` has a text of; `nil` for other values.
    private static func hash(ofName value: FieldValue, _ batch: borrowing EventBatch, _ payload: RawSpan) -> UInt64? {
        value.isJSON ? nil : hash(of: value, batch, payload)
    }

    private static func hash(of value: FieldValue, _ batch: borrowing EventBatch, _ payload: RawSpan) -> UInt64? {
        switch value.kind {
        case .text, .arenaText, .json, .arenaJSON: SeenHashes.hash.hash(batch.bytes(of: value, in: payload))
        case .integer: SeenHashes.hash.hash(UInt64(bitPattern: value.integerValue))
        default: nil
        }
    }

    private static func text(_ event: borrowing EventView, _ slot: Int) -> String? {
        let value = event[slot]
        switch value.kind {
        case .text, .arenaText: return String(decoding: [UInt8](copying: event.bytes(of: value)), as: UTF8.self)
        case .integer: return "\(value.integerValue)"
        default: return nil
        }
    }

    /// The keys of an object.
    static func keys(_ event: borrowing EventView, _ slot: Int) -> [String] {
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
}

extension Selector {
    /// The one value that a field must have.
    fileprivate func value(_ path: FieldPath) -> String? {
        guard let term = terms.first(where: { $0.path == path }), term.values.count == 1 else { return nil }
        return term.values[0]
    }
}
