import TelemetryModel

/// Checks a parsed expression against its environment, and emits instructions for it.
struct Lowering {
    /// What a node came to.
    struct Typed {
        var index: Int32
        var type: FieldType
        /// Where the value is in the event's schema, if it is a part of the event.
        var path: FieldPath?
        var literal: SyntaxTree.Literal?
    }

    /// What a comprehension's variable represents.
    struct Binding {
        var name: String
        var value: Typed
    }

    let tree: SyntaxTree
    let source: [UInt8]
    let environment: Environment
    var projection: ProjectionBuilder
    var instructions: [Instruction] = []
    var constants: [Value] = []
    var operands: [Int32] = []
    var patterns: [Regex] = []
    var literals: [UInt8] = []
    var bindings: [Binding] = []
    var variableDepth = 0
    // Unfolding a comprehension lowers its condition again and again: texts and patterns are kept once.
    private var knownTexts: [[UInt8]: Value] = [:]
    var knownPatterns: [[UInt8]: Int32] = [:]

    init(_ tree: SyntaxTree, source: [UInt8], environment: Environment, projection: ProjectionBuilder) {
        self.tree = tree
        self.source = source
        self.environment = environment
        self.projection = projection
    }

    // MARK: Emitting

    mutating func emit(
        _ operation: Instruction.Operation, _ a: Int32 = 0, _ b: Int32 = 0, _ c: Int32 = 0, flag: Bool = false,
        as type: FieldType, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        guard instructions.count < Parser.nodesMax else {
            throw problem("the expression unfolds to more than \(Parser.nodesMax) parts; split it", at: node)
        }
        instructions.append(Instruction(operation: operation, flag: flag, a: a, b: b, c: c))
        return Typed(index: Int32(instructions.count - 1), type: type)
    }

    mutating func emitConstant(
        _ value: Value, as type: FieldType, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        constants.append(value)
        return try emit(.constant, Int32(constants.count - 1), as: type, at: node)
    }

    mutating func textConstant(_ bytes: [UInt8]) -> Value {
        if let known = knownTexts[bytes] { return known }
        let value = Value.text(.literal, offset: literals.count, length: bytes.count)
        literals += bytes
        knownTexts[bytes] = value
        return value
    }

    /// Appends operands that are beside each other, giving their range.
    mutating func addOperands(_ indexes: [Int32]) -> (Int32, Int32) {
        let start = Int32(operands.count)
        operands += indexes
        return (start, Int32(operands.count))
    }

    func problem(_ message: String, at node: Int) -> ExpressionProblem {
        ExpressionProblem(message, at: tree[node].offset, in: source)
    }

    // MARK: Nodes

    mutating func lower(_ node: Int) throws(ExpressionProblem) -> Typed {
        switch tree[node].kind {
        case .literal(let literal): return try lower(literal, at: node)
        case .list:
            throw problem("a list may stand after 'in', in size(), or before .exists() and .all() only", at: node)
        case .identifier, .select, .index: return try lowerReference(node)
        case .call(let name, let target, let arguments):
            return try lowerCall(name, target: target, arguments: arguments, at: node)
        case .not(let operand):
            let value = try lower(operand)
            try require(value, [.bool], for: "'!'", at: operand)
            return try emit(.not, value.index, as: .bool, at: node)
        case .negate(let operand):
            let value = try lower(operand)
            try require(value, [.integer, .double], for: "'-'", at: operand)
            return try emit(.negate, value.index, as: value.type, at: node)
        case .logical(let isAnd, let parts):
            var indexes: [Int32] = []
            for part in parts {
                let value = try lower(part)
                try require(value, [.bool], for: isAnd ? "'&&'" : "'||'", at: part)
                indexes.append(value.index)
            }
            let range = addOperands(indexes)
            return try emit(isAnd ? .and : .or, range.0, range.1, as: .bool, at: node)
        case .binary(let operation, let left, let right):
            return try lowerBinary(operation, left, right, at: node)
        case .conditional(let condition, let whenTrue, let whenFalse):
            let test = try lower(condition)
            try require(test, [.bool], for: "the condition before '?'", at: condition)
            let first = try lower(whenTrue)
            let second = try lower(whenFalse)
            guard Lowering.areComparable(first.type, second.type) else {
                throw problem(
                    "both results of '?' need one type, not \(first.type) and \(second.type)", at: node)
            }
            let type = first.type == second.type ? first.type : .any
            return try emit(.conditional, test.index, first.index, second.index, as: type, at: node)
        }
    }

    private mutating func lower(_ literal: SyntaxTree.Literal, at node: Int) throws(ExpressionProblem) -> Typed {
        var typed =
            switch literal {
            case .null: try emitConstant(.null, as: .null, at: node)
            case .bool(let value): try emitConstant(.bool(value), as: .bool, at: node)
            case .integer(let value): try emitConstant(.integer(value), as: .integer, at: node)
            case .double(let value): try emitConstant(.double(value), as: .double, at: node)
            case .text(let bytes): try emitConstant(textConstant(bytes), as: .text, at: node)
            }
        typed.literal = literal
        return typed
    }

    // MARK: Types

    func require(
        _ value: Typed, _ types: [FieldType], for use: String, at node: Int
    ) throws(ExpressionProblem) {
        if value.type == .any || types.contains(value.type) { return }
        let expected = types.map(\.description).joined(separator: " or ")
        throw problem("\(use) takes \(expected), and this is \(value.type)", at: node)
    }

    static func areComparable(_ left: FieldType, _ right: FieldType) -> Bool {
        if left == .any || right == .any || left == .null || right == .null { return true }
        if isNumber(left), isNumber(right) { return true }
        switch (left, right) {
        case (.list, .list), (.map, .map), (.object, .map), (.map, .object): return true
        default: return left == right
        }
    }

    static func isNumber(_ type: FieldType) -> Bool { type == .integer || type == .double }
}
