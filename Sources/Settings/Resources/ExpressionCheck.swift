import Expressions
import TelemetryModel

/// Compiles expressions and field paths of resources when they are loaded, so that a misspelt field is a problem with
/// a line and not a count of zero for ever.
enum ExpressionCheck {
    /// A filter over the events of `kind`; `nil` when it is wrong.
    static func filter(_ reader: NodeReader, over kind: EventKind) -> String? {
        guard let source = reader.nonEmptyString(),
            let program = compile(source, over: .event(kind), reader: reader)
        else { return nil }
        switch program.resultType {
        case .bool, .any: return source
        default:
            reader.report(
                "a filter must be true or false, and this is of type \(program.resultType)",
                "compare it with something, such as: == \"value\"")
            return nil
        }
    }

    /// A number made of the measures named; `nil` when it is wrong.
    static func number(_ reader: NodeReader, overMeasures names: [String]) -> String? {
        guard let source = reader.nonEmptyString(),
            let program = compile(source, over: .measures(names), reader: reader)
        else { return nil }
        switch program.resultType {
        case .integer, .double, .any: return source
        default:
            reader.report(
                "a value must be a number, and this is of type \(program.resultType)",
                "use the rollup's measures: \(names.joined(separator: ", "))")
            return nil
        }
    }

    /// A path of a field that events of `kind` have; `nil` when there is none.
    static func path(_ reader: NodeReader, in kind: EventKind) -> FieldPath? {
        guard let text = reader.nonEmptyString() else { return nil }
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

    private static func compile(_ source: String, over environment: Environment, reader: NodeReader) -> Program? {
        var projection = ProjectionBuilder(kind: environment.eventKind)
        do {
            return try ExpressionCompiler.compile(source, over: environment, projection: &projection)
        } catch {
            let (message, suggestion) = split(error.message)
            reader.report(message, suggestion, atByte: error.utf8Offset)
            return nil
        }
    }

    /// The compiler's message says what is wrong and then what to do, with a semicolon or a full stop between them.
    private static func split(_ message: String) -> (message: String, suggestion: String) {
        for separator in ["; ", ". "] {
            if let range = message.firstRange(of: separator) {
                return (String(message[..<range.lowerBound]), String(message[range.upperBound...]))
            }
        }
        return (message, "mend the expression")
    }
}

extension Environment {
    /// The kind that a projection is built for; measures are no event, and leave their projection unused.
    fileprivate var eventKind: EventKind {
        switch self {
        case .event(let kind): kind
        case .measures: .metric
        }
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
