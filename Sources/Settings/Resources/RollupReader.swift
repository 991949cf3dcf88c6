import Aggregation
import Expressions
import TelemetryModel
import Text

/// Reads a `Rollup`'s `spec`.
enum RollupReader {
    static let windowMinimum = DurationText.nanosecondsPerSecond

    static func read(_ document: ResourceDocument) -> RollupDefinition? {
        guard let fields = document.specFields() else { return nil }
        let source = fields.required("source", example: "VPCFlow")?.eventKind()
        let window = fields.required("window", example: "1m").flatMap(readWindow)
        let filterReader = fields.optional("filter")
        let groupReader = fields.optional("groupBy")
        let measuresReader = fields.required("measures", example: "[{name: total, count: true}]")
        let topReader = fields.optional("top")
        let groupsMax = fields.optional("groupsMax")?.integer(in: GroupByReader.groupsMaxRange)
        fields.finish()

        // Without the kind of event no field can be checked.
        guard let source else { return nil }
        let filter = filterReader.flatMap { ExpressionCheck.filter($0, over: source) }
        let groupBy =
            groupReader.map {
                GroupByReader.read($0, in: source, of: "the rollup", columnsMax: RollupDefinition.groupColumnsMax)
            } ?? []
        let measures = measuresReader.flatMap { readMeasures($0, in: source, groupBy: groupBy ?? []) }
        let top = topReader.flatMap { readTop($0, measures: measures?.map(\.name)) }
        guard let window, let groupBy, let measures else { return nil }
        var definition = RollupDefinition(
            name: document.name, source: source, windowNanoseconds: window, filter: filter, groupBy: groupBy,
            measures: measures, top: top)
        if let groupsMax { definition.groupsMax = groupsMax }
        return definition
    }

    /// Whole seconds, because a window's start is written in seconds.
    private static func readWindow(_ reader: NodeReader) -> Int64? {
        guard let window = reader.duration(minimum: windowMinimum, example: "1m") else { return nil }
        guard window % DurationText.nanosecondsPerSecond == 0 else {
            reader.report("a window is a whole number of seconds", "write a duration such as 1m")
            return nil
        }
        return window
    }

    private static func readMeasures(
        _ reader: NodeReader, in source: EventKind, groupBy: [FieldPath]
    ) -> [MeasureDefinition]? {
        guard let elements = reader.list() else { return nil }
        if elements.isEmpty {
            reader.report("a rollup needs a measure", "write \"measures: [{name: total, count: true}]\"")
            return nil
        }
        var names = Set(groupBy.map(\.description)).union(["window_start"])
        var measures: [MeasureDefinition] = []
        for element in elements {
            if let measure = MeasureReader.read(element, in: source, taken: &names) { measures.append(measure) }
        }
        return measures.count == elements.count ? measures : nil
    }

    /// `measures` is `nil` when some of them are wrong, and `by` can't be judged.
    private static func readTop(_ reader: NodeReader, measures: [String]?) -> TopDefinition? {
        guard let fields = reader.mapping() else { return nil }
        let byReader = fields.required("by", example: measures?.first ?? "total")
        let by = measures == nil ? byReader?.string() : byReader?.choice(of: measures ?? [])
        let count = fields.required("count", example: "10")?.integer(in: 1...1_000_000)
        fields.finish()
        guard let by, let count else { return nil }
        return TopDefinition(by: by, count: count)
    }
}
