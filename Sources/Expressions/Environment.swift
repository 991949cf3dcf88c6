import TelemetryModel

/// What an expression may refer to.
public enum Environment: Sendable, Equatable {
    /// The variable `event`, of this kind.
    case event(EventKind)
    /// Each name is a variable of type double; slot `i` of the row evaluated holds the `i`th.
    case measures([String])
}
