import TelemetryModel

/// Compiles expressions: parse, check against the environment, emit.
public enum ExpressionCompiler {
    /// Bytes of source taken at most.
    public static let sourceBytesMax = 65_536

    /// Compiles `source`, and adds the fields that it reads to `projection`.
    ///
    /// On a throw `projection` may hold some of the expression's fields already.
    /// - Throws: the first problem in the source.
    public static func compile(
        _ source: String, over environment: Environment, projection: inout ProjectionBuilder
    ) throws(ExpressionProblem) -> Program {
        throw ExpressionProblem("not there yet", at: 0, in: Array(source.utf8))
    }
}
