import TelemetryModel

/// A compiled expression: flat, immutable, evaluated without allocation.
public struct Program: Sendable {
    /// The type of the result; `any` where it depends on the event.
    public let resultType: FieldType

    /// Whether the expression is true for `event`; an error or any other value is false.
    public func matches(_ event: borrowing EventView) -> Bool {
        if case .bool(true) = evaluate(event) { true } else { false }
    }

    public func evaluate(_ event: borrowing EventView) -> Outcome { .error(.unsupported) }

    /// The result as a number, or `nil` when it is none.
    public func number(_ event: borrowing EventView) -> Double? {
        switch evaluate(event) {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
