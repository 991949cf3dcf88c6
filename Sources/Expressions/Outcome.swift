import TelemetryModel

/// What an expression came to for one event.
public enum Outcome: Sendable, Equatable {
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(TextPlace)
    /// A whole JSON object or array.
    case json(TextPlace)
    case null
    case error(EvaluationError)
}

/// Where the bytes of a text or of JSON are; `Program.bytes(of:in:)` resolves it.
public struct TextPlace: Sendable, Equatable, BitwiseCopyable {
    public enum Source: UInt8, Sendable, BitwiseCopyable {
        case message
        case arena
        /// A literal of the expression.
        case literal
    }

    public let source: Source
    public let offset: Int
    /// In bytes.
    public let length: Int
    /// Whether the bytes are the inside of a JSON string that has escapes in it.
    public let isEscaped: Bool
}

/// Why an expression has no value for an event. In a filter each of them means that the event does not match.
public enum EvaluationError: UInt8, Error, Sendable, BitwiseCopyable {
    /// A field, key or list element that is not there.
    case noSuchField
    /// An operator or function that is not defined for values of these types.
    case noSuchOverload
    case integerOverflow
    case divisionByZero
    /// Text that is not what it is taken for: a number, an address, a network.
    case invalidArgument
    /// More list elements visited than one evaluation may.
    case tooMuchWork
    /// Something valid in CEL that is not supported.
    case unsupported
}
