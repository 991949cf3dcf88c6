import TelemetryModel

/// A compiled expression: flat, immutable, evaluated without allocation.
///
/// Evaluation takes time linear in the event's bytes that it reads, times the expression's size; it never traps on
/// what an event holds.
public struct Program: Sendable {
    /// The type of the result; `any` where it depends on the event.
    public let resultType: FieldType

    let instructions: [Instruction]
    let constants: [Value]
    let operands: [Int32]
    let patterns: [Regex]
    /// The bytes of all text constants.
    let literals: [UInt8]
    let root: Int32
    /// Tests that all must pass, where the expression is nothing else; empty otherwise.
    private(set) var tests: [SimpleTest] = []

    init(
        resultType: FieldType, instructions: [Instruction], constants: [Value], operands: [Int32], patterns: [Regex],
        literals: [UInt8], root: Int32
    ) {
        self.resultType = resultType
        self.instructions = instructions
        self.constants = constants
        self.operands = operands
        self.patterns = patterns
        self.literals = literals
        self.root = root
        tests = simpleTests
    }

    /// Whether the expression is true for `event`; an error or any other value is false.
    public func matches(_ event: borrowing EventView) -> Bool {
        if tests.isEmpty { return result(event).isTrue }
        // The bytes of an array of bytes: no padding, no uninitialized memory.
        let literals = unsafe literals.span.bytes
        let tests = tests.span
        for index in tests.indices {
            switch tests[index].passes(event, literals) {
            case true?: continue
            case false?: return false
            case nil: return result(event).isTrue
            }
        }
        return true
    }

    public func evaluate(_ event: borrowing EventView) -> Outcome {
        let value = result(event)
        switch value.kind {
        case .error: return .error(value.evaluationError)
        case .null: return .null
        case .bool: return .bool(value.isTrue)
        case .integer: return .integer(value.integerValue)
        case .double: return .double(value.doubleValue)
        case .text, .escapedText: return .text(value.place)
        case .json: return .json(value.place)
        case .address, .network: return .error(.unsupported)
        }
    }

    /// The result as a number, or `nil` when it is none.
    public func number(_ event: borrowing EventView) -> Double? {
        let value = result(event)
        switch value.kind {
        case .integer: return Double(value.integerValue)
        case .double: return value.doubleValue
        default: return nil
        }
    }

    /// The result over a row of measures, slot `i` holding the `i`th; `nil` when it is no number.
    public func number(measures: Span<FieldValue>) -> Double? {
        let none = RawSpan()
        let view = EventView(
            message: none, arena: none, slots: measures, time: Timestamp(nanoseconds: 0),
            record: RecordPlace(index: 0, offset: 0, length: 0))
        return number(view)
    }

    /// The bytes of a text or of JSON that `evaluate` gave for the same event.
    @_lifetime(copy event, borrow self)
    public func bytes(of place: TextPlace, in event: borrowing EventView) -> RawSpan {
        let range = place.offset..<(place.offset &+ place.length)
        switch place.source {
        case .message: return event.message.extracting(range)
        case .arena: return event.arena.extracting(range)
        case .literal: return unsafe literals.span.bytes.extracting(range)
        }
    }

    /// Whether a node comes to `wanted`, true or false; an error and any other value is neither.
    func truth(of node: Int32, _ event: borrowing EventView, is wanted: Bool) -> Bool {
        let value = result(event, node)
        return wanted ? value.isTrue : value.isFalse
    }

    private func result(_ event: borrowing EventView) -> Value { result(event, root) }

    private func result(_ event: borrowing EventView, _ node: Int32) -> Value {
        let interpreter = ExpressionInterpreter(self, over: event)
        var state = ExpressionInterpreter.State()
        return interpreter.value(node, &state)
    }
}
