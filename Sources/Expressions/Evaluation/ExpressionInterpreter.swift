import TelemetryModel
import Text

/// Evaluates a program over one event.
///
/// Recurses over the instructions, whose depth the parser bounds. What changes is kept apart in `State`, so that the
/// spans are passed down without being copied.
struct ExpressionInterpreter: ~Escapable {
    /// Comprehensions inside each other.
    static let variablesMax = 4
    /// Bytes of JSON that one evaluation may walk over: one pass over the largest record, and no product of lists.
    static let budgetBytes = 64 << 20
    /// What a step over a list or map costs besides its bytes, so that short elements don't come cheap.
    static let stepBytes = 64

    struct State {
        var variables = InlineArray<4, Value>(repeating: .null)
        var budget = ExpressionInterpreter.budgetBytes
    }

    let message: RawSpan
    let arena: RawSpan
    let literals: RawSpan
    let slots: Span<FieldValue>
    let instructions: Span<Instruction>
    let constants: Span<Value>
    let operands: Span<Int32>
    let patterns: Span<Regex>

    @_lifetime(borrow program, copy event)
    init(_ program: borrowing Program, over event: borrowing EventView) {
        message = event.message
        arena = event.arena
        slots = event.slots
        literals = unsafe program.literals.span.bytes
        instructions = program.instructions.span
        constants = program.constants.span
        operands = program.operands.span
        patterns = program.patterns.span
    }

    func value(_ index: Int32, _ state: inout State) -> Value {
        let instruction = instructions[Int(index)]
        switch instruction.operation {
        case .constant: return constants[Int(instruction.a)]
        case .field: return field(instruction)
        case .hasField: return hasField(instruction)
        case .variable: return state.variables[Int(instruction.a)]
        case .member: return member(instruction, of: value(instruction.a, &state), &state)
        case .hasMember: return hasMember(instruction, in: value(instruction.a, &state), &state)
        case .element: return element(Int(instruction.b), of: value(instruction.a, &state), &state)
        case .not:
            let operand = value(instruction.a, &state)
            return operand.kind == .bool ? .bool(operand.isFalse) : mismatch(operand)
        case .negate: return Arithmetic.negate(value(instruction.a, &state))
        case .and: return logical(instruction, absorbing: false, &state)
        case .or: return logical(instruction, absorbing: true, &state)
        case .conditional:
            let condition = value(instruction.a, &state)
            guard condition.kind == .bool else { return mismatch(condition) }
            return value(condition.isTrue ? instruction.b : instruction.c, &state)
        case .equal, .notEqual:
            let left = value(instruction.a, &state)
            let right = value(instruction.b, &state)
            if left.isError || right.isError { return mismatch(left, right) }
            return equality(left, right, isNegated: instruction.operation == .notEqual)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let left = value(instruction.a, &state)
            return order(instruction.operation, left, value(instruction.b, &state))
        case .add, .subtract, .multiply, .divide, .remainder:
            let left = value(instruction.a, &state)
            return Arithmetic.apply(instruction.operation, left, value(instruction.b, &state))
        case .isAmong: return isAmong(instruction, &state)
        case .isIn:
            let element = value(instruction.a, &state)
            return isIn(element, value(instruction.b, &state), &state)
        case .startsWith, .endsWith, .contains:
            let text = value(instruction.a, &state)
            let part = value(instruction.b, &state)
            guard text.isText, part.isText else { return mismatch(text, part) }
            return search(instruction.operation, text, part, &state)
        case .matches:
            let text = value(instruction.a, &state)
            guard text.isText else { return mismatch(text) }
            return .bool(matches(text, pattern: Int(instruction.b)))
        case .size: return size(value(instruction.a, &state), &state)
        case .toInteger, .toDouble, .toText, .toBool:
            return convert(instruction.operation, value(instruction.a, &state))
        case .toAddress, .toNetwork, .isAddress, .isNetwork, .family:
            return network(instruction.operation, value(instruction.a, &state))
        case .containsAddress, .containsNetwork:
            let outer = value(instruction.a, &state)
            return containment(instruction.operation, outer, value(instruction.b, &state))
        case .exists, .existsOne, .all: return comprehension(instruction, &state)
        }
    }

    // MARK: Fields

    private func field(_ instruction: Instruction) -> Value {
        let field = slots[Int(instruction.a)]
        switch field.kind {
        case .absent: return .error(.noSuchField)
        case .null: return .null
        case .bool: return .bool(field.boolValue)
        case .integer:
            return instruction.flag ? .double(Double(field.integerValue)) : .integer(field.integerValue)
        case .double: return .double(field.doubleValue)
        case .text: return .text(.message, offset: field.offset, length: field.length)
        case .arenaText: return .text(.arena, offset: field.offset, length: field.length)
        case .json: return .json(.message, offset: field.offset, length: field.length)
        case .arenaJSON: return .json(.arena, offset: field.offset, length: field.length)
        }
    }

    private func hasField(_ instruction: Instruction) -> Value {
        if slots[Int(instruction.a)].kind != .absent { return .bool(true) }
        if instruction.b < 0 { return .bool(false) }
        // Without the object that should hold it, whether it has the field is an error and not "no".
        let parent = slots[Int(instruction.b)]
        switch parent.kind {
        case .absent: return .error(.noSuchField)
        case .json, .arenaJSON:
            let bytes = bytes(
                of: .json(parent.kind == .json ? .message : .arena, offset: parent.offset, length: parent.length))
            let isObject = bytes.byteCount > 0 && bytes.byte(0) == UInt8(ascii: "{")
            return isObject ? .bool(false) : .error(.noSuchOverload)
        default: return .error(.noSuchOverload)
        }
    }

    // MARK: Logic

    /// CEL's `&&` and `||`: an operand that decides the result does so even beside an error, in either order.
    private func logical(_ instruction: Instruction, absorbing decisive: Bool, _ state: inout State) -> Value {
        var error: Value?
        for index in instruction.a..<instruction.b {
            let node = operands[Int(index)]
            let operand = value(node, &state)
            if operand.kind == .bool {
                if operand.isTrue == decisive { return operand }
            } else if error == nil {
                error = mismatch(operand)
            }
        }
        return error ?? .bool(!decisive)
    }

    /// The error of an operand that has one, else that there is no such operation for it.
    func mismatch(_ operand: Value) -> Value { operand.isError ? operand : .error(.noSuchOverload) }

    func mismatch(_ left: Value, _ right: Value) -> Value {
        left.isError ? left : right.isError ? right : .error(.noSuchOverload)
    }

    @_lifetime(copy self)
    func base(_ source: TextPlace.Source) -> RawSpan {
        switch source {
        case .message: message
        case .arena: arena
        case .literal: literals
        }
    }

    @_lifetime(copy self)
    func bytes(of value: Value) -> RawSpan {
        base(value.source).extracting(value.offset..<(value.offset &+ value.length))
    }
}
