import Expressions
import TelemetryModel

/// Compiles expressions and field paths of resources when they are loaded, so that a misspelt field is a problem with
/// a line and not a count of zero for ever.
enum ExpressionCheck {
    /// A filter over the events of `kind`; `nil` when it is wrong.
    static func filter(_ reader: NodeReader, over kind: EventKind) -> String? {
        guard let source = reader.nonEmptyString() else { return nil }
        do {
            var projection = ProjectionBuilder(kind: kind)
            _ = try ExpressionCompiler.compileFilter(source, over: kind, projection: &projection)
            return source
        } catch {
            report(error, at: reader)
            return nil
        }
    }

    /// A number made of the measures named; `nil` when it is wrong.
    static func number(_ reader: NodeReader, overMeasures names: [String]) -> String? {
        guard let source = reader.nonEmptyString() else { return nil }
        do {
            _ = try ExpressionCompiler.compileValue(source, measures: names)
            return source
        } catch {
            report(error, at: reader)
            return nil
        }
    }

    /// A path of a field that events of `kind` have; `nil` when there is none.
    static func path(_ reader: NodeReader, in kind: EventKind) -> FieldPath? {
        // What goes unread need not be looked for: a suggestion costs hundreds of comparisons.
        guard !reader.log.isFull, let text = reader.nonEmptyString() else { return nil }
        // Filters write "event.packets" and paths "packets"; to mix them up is the likeliest mistake.
        if text.hasPrefix("event.") {
            reader.report(
                "a field path begins at the event itself, without \"event.\"", "write \"\(text.dropFirst(6))\"")
            return nil
        }
        guard let path = FieldPath.parse(text) else {
            reader.report(
                "\"\(YAMLNode.shortened(text))\" is no field path",
                "write keys with dots between them, such as userIdentity.principalId")
            return nil
        }
        let schema = EventSchema.of(kind)
        guard schema.type(of: path) != nil else {
            reader.report(
                "\(kind.metricSourceType) events have no field \"\(YAMLNode.shortened(text))\"",
                schema.suggestion(for: path).map { "did you mean \"\($0)\"?" }
                    ?? "use a field that the format documents")
            return nil
        }
        return path
    }

    /// A path of a field that holds a number, or whose type depends on the event.
    static func numericPath(_ reader: NodeReader, in kind: EventKind) -> FieldPath? {
        guard let path = path(reader, in: kind) else { return nil }
        switch EventSchema.of(kind).type(of: path) {
        case .integer?, .double?, .any?: return path
        case let type:
            let found = type.map { "\($0)" } ?? "unknown"
            reader.report(
                "the field \"\(path)\" is of type \(found), and must be a number",
                "use a field that holds a number")
            return nil
        }
    }

    /// The compiler's message says what is wrong and, after its last semicolon, what to do.
    private static func report(_ problem: ExpressionProblem, at reader: NodeReader) {
        let parts = problem.message.split(separator: "; ")
        let suggestion = parts.count > 1 ? String(parts[parts.count - 1]) : "mend the expression"
        let message = parts.count > 1 ? parts.dropLast().joined(separator: "; ") : problem.message
        reader.report(message, suggestion, atByte: problem.utf8Offset)
    }
}

extension EventKind {
    /// As `metricSource.type` and `Rollup.source` name the kind.
    var metricSourceType: String {
        switch self {
        case .cloudTrail: "CloudTrail"
        case .vpcFlow: "VPCFlow"
        case .metric: "Metric"
        }
    }

    static let metricSourceTypes = allCases.map(\.metricSourceType)

    init?(metricSourceType name: String) {
        guard let kind = EventKind.allCases.first(where: { $0.metricSourceType == name }) else { return nil }
        self = kind
    }
}

extension NodeReader {
    /// One of CloudTrail, VPCFlow and Metric.
    func eventKind() -> EventKind? {
        choice(of: EventKind.metricSourceTypes).flatMap(EventKind.init(metricSourceType:))
    }
}
