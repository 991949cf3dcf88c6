import TelemetryModel

/// Compiles expressions: parse, check against the environment, emit a flat program.
public enum ExpressionCompiler {
    /// Bytes of source taken at most.
    public static let sourceBytesMax = 65_536

    /// Compiles `source`, and adds the fields that it reads to `projection`, which is left as it was on a throw.
    ///
    /// - Throws: the first problem in the source.
    public static func compile(
        _ source: String, over environment: Environment, projection: inout ProjectionBuilder
    ) throws(ExpressionProblem) -> Program {
        let bytes = Array(source.utf8)
        guard bytes.count <= sourceBytesMax else {
            throw ExpressionProblem(
                "an expression has at most \(sourceBytesMax) bytes, not \(bytes.count); split it", at: 0, in: bytes)
        }
        let tree = try Parser.parse(bytes)
        var lowering = Lowering(tree, source: bytes, environment: environment, projection: projection)
        let root = try lowering.lower(tree.root)
        projection = lowering.projection
        return Program(
            resultType: root.type, instructions: lowering.instructions, constants: lowering.constants,
            operands: lowering.operands, patterns: lowering.patterns,
            literals: lowering.literals, root: root.index)
    }

    /// Compiles a filter over events, which must come to a bool.
    public static func compileFilter(
        _ source: String, over kind: EventKind, projection: inout ProjectionBuilder
    ) throws(ExpressionProblem) -> Program {
        var extended = projection
        let program = try compile(source, over: .event(kind), projection: &extended)
        guard program.resultType == .bool || program.resultType == .any else {
            throw ExpressionProblem(
                "a filter comes to true or false, and this comes to \(program.resultType); compare it with something",
                at: 0, in: Array(source.utf8))
        }
        projection = extended
        return program
    }

    /// Compiles a value over measures, which must come to a number.
    public static func compileValue(
        _ source: String, measures: [String]
    ) throws(ExpressionProblem) -> Program {
        // Measures are no fields of events, so nothing is projected, whatever the kind.
        var none = ProjectionBuilder(kind: .metric)
        let program = try compile(source, over: .measures(measures), projection: &none)
        switch program.resultType {
        case .integer, .double, .any: return program
        default:
            throw ExpressionProblem(
                "a value comes to a number, and this comes to \(program.resultType); write condition ? 1.0 : 0.0",
                at: 0, in: Array(source.utf8))
        }
    }
}
