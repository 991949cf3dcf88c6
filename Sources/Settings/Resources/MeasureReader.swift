import Aggregation
import Expressions
import TelemetryModel

/// Reads one element of a rollup's `measures`.
enum MeasureReader {
    private static let kinds = ["count", "sum", "min", "max", "distinct", "quantile"]

    /// `taken` holds the names of other columns, and gets this measure's.
    static func read(_ reader: NodeReader, in source: EventKind, taken: inout Set<String>) -> MeasureDefinition? {
        guard let fields = reader.mapping() else { return nil }
        let name = fields.required("name", example: "total").flatMap { readName($0, taken: &taken) }
        let readers = kinds.map { ($0, fields.optional($0)) }
        let exactReader = fields.optional("exact")
        let exact = exactReader?.bool()
        let filterReader = fields.optional("filter")
        fields.finish()

        let given = readers.compactMap { kind, reader in reader.map { (kind, $0) } }
        if let exactReader, !given.contains(where: { $0.0 == "distinct" }) {
            exactReader.report("\"exact\" goes with \"distinct\" alone", "remove it")
        }
        let filter = filterReader.flatMap { ExpressionCheck.filter($0, over: source) }
        guard given.count == 1, let (kindName, kindReader) = given.first else {
            let found =
                given.isEmpty ? "says nothing to measure" : "measures \(given.map(\.0).joined(separator: " and "))"
            reader.report("the measure \(found)", "give exactly one of: \(kinds.joined(separator: ", "))")
            return nil
        }
        let kind = readKind(kindName, kindReader, exact: exact ?? false, in: source)
        guard let name, let kind else { return nil }
        return MeasureDefinition(name: name, kind: kind, filter: filter)
    }

    private static func readName(_ reader: NodeReader, taken: inout Set<String>) -> String? {
        guard let name = reader.nonEmptyString() else { return nil }
        guard FieldPath.isIdentifier(name), isUsable(name) else {
            reader.report(
                "\"\(YAMLNode.shortened(name))\" can't be named in an expression",
                "use letters, digits and underscores, not beginning with a digit, and no word of the expression language"
            )
            return nil
        }
        guard taken.insert(name).inserted else {
            reader.report("there is another column \"\(name)\"", "give each measure a name of its own")
            return nil
        }
        return name
    }

    /// Whether an expression that is the name alone reads the measure, which words of the language do not.
    private static func isUsable(_ name: String) -> Bool {
        (try? ExpressionCompiler.compileValue(name, measures: [name])) != nil
    }

    private static func readKind(
        _ kind: String, _ reader: NodeReader, exact: Bool, in source: EventKind
    ) -> MeasureDefinition.Kind? {
        switch kind {
        case "count":
            guard let isCounted = reader.bool() else { return nil }
            guard isCounted else {
                reader.report("a measure that does not count measures nothing", "write \"count: true\"")
                return nil
            }
            return .count
        case "sum": return ExpressionCheck.numericPath(reader, in: source).map { .sum($0) }
        case "min": return ExpressionCheck.numericPath(reader, in: source).map { .min($0) }
        case "max": return ExpressionCheck.numericPath(reader, in: source).map { .max($0) }
        case "distinct": return ExpressionCheck.path(reader, in: source).map { .distinct($0, exact: exact) }
        default: return readQuantile(reader, in: source)
        }
    }

    private static func readQuantile(_ reader: NodeReader, in source: EventKind) -> MeasureDefinition.Kind? {
        guard let fields = reader.mapping() else { return nil }
        let path = fields.required("of", example: "bytes").flatMap { ExpressionCheck.numericPath($0, in: source) }
        let quantile = fields.required("q", example: "0.99")?.double("from 0 to 1, such as 0.99") {
            (0...1).contains($0)
        }
        fields.finish()
        guard let path, let quantile else { return nil }
        return .quantile(path, quantile)
    }
}
