import Expressions
import TelemetryModel

/// An event made by hand: the fields that a projection asks for, put where a decoder would put them.
package struct TestEvent {
    package enum Field {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case text(String)
        case json(String)
    }

    package var fields: [String: Field]
    /// Puts text and JSON into the arena, as unescaping does.
    package var usesArena = false

    package init(_ fields: [String: Field], usesArena: Bool = false) {
        self.fields = fields
        self.usesArena = usesArena
    }

    package func slots(_ paths: [FieldPath]) -> (slots: [FieldValue], bytes: [UInt8]) {
        var bytes: [UInt8] = []
        var slots: [FieldValue] = []
        for path in paths {
            switch fields[path.description] {
            case nil: slots.append(.absent)
            case .null?: slots.append(.null)
            case .bool(let value)?: slots.append(.bool(value))
            case .integer(let value)?: slots.append(.integer(value))
            case .double(let value)?: slots.append(.double(value))
            case .text(let text)?:
                slots.append(.place(usesArena ? .arenaText : .text, offset: bytes.count, length: text.utf8.count))
                bytes += text.utf8
            case .json(let text)?:
                slots.append(.place(usesArena ? .arenaJSON : .json, offset: bytes.count, length: text.utf8.count))
                bytes += text.utf8
            }
        }
        return (slots, bytes)
    }

    package func with<Result>(_ paths: [FieldPath], _ body: (borrowing EventView) -> Result) -> Result {
        let (slots, bytes) = slots(paths)
        let all = bytes.span.bytes
        let view = EventView(
            message: usesArena ? RawSpan() : all, arena: usesArena ? all : RawSpan(), slots: slots.span,
            time: Timestamp(nanoseconds: 0), record: RecordPlace(index: 0, offset: 0, length: 0))
        return body(view)
    }

    package func outcome(_ source: String, _ kind: EventKind = .cloudTrail) throws -> Outcome {
        var projection = ProjectionBuilder(kind: kind)
        let program = try ExpressionCompiler.compile(source, over: .event(kind), projection: &projection)
        return with(projection.fields) { event in
            let outcome = program.evaluate(event)
            // The two ways of running must never disagree.
            precondition(program.matches(event) == (outcome == .bool(true)), "matches and evaluate differ: \(source)")
            return outcome
        }
    }

    /// The text that an expression comes to, unescaped or not as it stands.
    package func text(_ source: String, _ kind: EventKind = .cloudTrail) throws -> String? {
        var projection = ProjectionBuilder(kind: kind)
        let program = try ExpressionCompiler.compile(source, over: .event(kind), projection: &projection)
        return with(projection.fields) { event in
            guard case .text(let place) = program.evaluate(event) else { return nil }
            let bytes = program.bytes(of: place, in: event)
            return bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }
}
