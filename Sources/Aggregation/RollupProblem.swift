import Expressions
import TelemetryModel

/// Why a rollup cannot be compiled.
public enum RollupProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A filter does not compile; `measure` is `nil` for the rollup's own.
    case filter(measure: String?, ExpressionProblem)
    /// The projection is for events of another kind than the rollup's source.
    case wrongSource(expected: EventKind, found: EventKind)
    /// The window is not above zero.
    case window(nanoseconds: Int64)
    case noMeasures
    case duplicateMeasure(String)
    /// The measures' flags must fit into 32 bits: one for a sum, two for a minimum or maximum.
    case tooManyMeasures
    /// A quantile must lie between 0 and 1.
    case quantile(measure: String, Double)
    /// `top.by` names no measure.
    case unknownTopMeasure(String)
    /// `top.count` and `groupsMax` must be above zero.
    case count(name: String, Int)

    public var description: String {
        switch self {
        case .filter(nil, let problem):
            "filter: \(problem)"
        case .filter(.some(let measure), let problem):
            "measure \"\(measure)\", filter: \(problem)"
        case .wrongSource(let expected, let found):
            "the rollup's source is \(expected.rawValue), but the events are \(found.rawValue)"
        case .window(let nanoseconds):
            "window: must be longer than 0, not \(nanoseconds) ns"
        case .noMeasures:
            "measures: at least one is needed"
        case .duplicateMeasure(let name):
            "measure \"\(name)\": two measures have this name; give each its own"
        case .tooManyMeasures:
            "measures: too many; sums take one place each, minima and maxima two, and there are 32 places; "
                + "spread them over two rollups"
        case .quantile(let measure, let value):
            "measure \"\(measure)\": a quantile lies between 0 and 1, not at \(value)"
        case .unknownTopMeasure(let name):
            "top.by: no measure is named \"\(name)\""
        case .count(let name, let value):
            "\(name): must be at least 1, not \(value)"
        }
    }
}
