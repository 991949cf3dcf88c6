import TelemetryModel

/// Evaluates a program over one event.
///
/// Recurses over the instructions, whose depth the parser bounds; holds nothing but spans, four variables and a budget.
struct Evaluator: ~Escapable {
    /// Comprehensions inside each other.
    static let variablesMax = 4
    /// Bytes of JSON that one evaluation may walk over: one pass over the largest record, and no product of lists.
    static let budgetBytes = 64 << 20
    /// What a step over a list or map costs besides its bytes, so that short elements don't come cheap.
    static let stepBytes = 64

    let message: RawSpan
    let arena: RawSpan
    let literals: RawSpan
    let slots: Span<FieldValue>
    let instructions: Span<Instruction>
    let constants: Span<Value>
    let operands: Span<Int32>
    let patterns: Span<Regex>
    var variables = InlineArray<4, Value>(repeating: .null)
    var budget = Evaluator.budgetBytes

    @_lifetime(
        copy message, copy arena, copy literals, copy slots, copy instructions, copy constants, copy operands,
        copy patterns)
    init(
        message: RawSpan, arena: RawSpan, literals: RawSpan, slots: Span<FieldValue>,
        instructions: Span<Instruction>, constants: Span<Value>, operands: Span<Int32>, patterns: Span<Regex>
    ) {
        self.message = message
        self.arena = arena
        self.literals = literals
        self.slots = slots
        self.instructions = instructions
        self.constants = constants
        self.operands = operands
        self.patterns = patterns
    }

    @_lifetime(self: copy self)
    mutating func value(_ index: Int32) -> Value {
        let instruction = instructions[Int(index)]
        switch instruction.operation {
        case .constant: return constants[Int(instruction.a)]
        case .field: return field(instruction)
        case .hasField: return hasField(instruction)
        case .variable: return variables[Int(instruction.a)]
        case .member: return member(instruction, of: value(instruction.a))
        case .hasMember: return hasMember(instruction, in: value(instruction.a))
        case .element: return element(Int(instruction.b), of: value(instruction.a))
        case .not:
            let operand = value(instruction.a)
            return operand.kind == .bool ? .bool(operand.isFalse) : mismatch(operand)
        case .negate: return Arithmetic.negate(value(instruction.a))
        case .and: return logical(instruction, absorbing: false)
        case .or: return logical(instruction, absorbing: true)
        case .conditional:
            let condition = value(instruction.a)
            guard condition.kind == .bool else { return mismatch(condition) }
            return value(condition.isTrue ? instruction.b : instruction.c)
        case .equal, .notEqual:
            let left = value(instruction.a)
            let right = value(instruction.b)
            if left.isError || right.isError { return mismatch(left, right) }
            return equality(left, right, isNegated: instruction.operation == .notEqual)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let left = value(instruction.a)
            return order(instruction.operation, left, value(instruction.b))
        case .add, .subtract, .multiply, .divide, .remainder:
            let left = value(instruction.a)
            return Arithmetic.apply(instruction.operation, left, value(instruction.b))
        case .isAmong: return isAmong(instruction)
        case .isIn:
            let element = value(instruction.a)
            return isIn(element, value(instruction.b))
        case .startsWith, .endsWith, .contains:
            let text = value(instruction.a)
            let part = value(instruction.b)
            guard text.isText, part.isText else { return mismatch(text, part) }
            return search(instruction.operation, text, part)
        case .matches:
            let text = value(instruction.a)
            guard text.isText else { return mismatch(text) }
            return .bool(matches(text, pattern: Int(instruction.b)))
        case .size: return size(value(instruction.a))
        case .toInteger, .toDouble, .toText, .toBool: return convert(instruction.operation, value(instruction.a))
        case .toAddress, .toNetwork, .isAddress, .isNetwork, .family:
            return network(instruction.operation, value(instruction.a))
        case .containsAddress, .containsNetwork:
            let outer = value(instruction.a)
            return containment(instruction.operation, outer, value(instruction.b))
        case .exists, .existsOne, .all: return comprehension(instruction)
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
    @_lifetime(self: copy self)
    private mutating func logical(_ instruction: Instruction, absorbing decisive: Bool) -> Value {
        var error: Value?
        for index in instruction.a..<instruction.b {
            let node = operands[Int(index)]
            let operand = value(node)
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
