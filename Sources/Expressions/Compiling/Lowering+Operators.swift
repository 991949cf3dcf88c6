import TelemetryModel

extension Lowering {
    mutating func lowerBinary(
        _ operation: SyntaxTree.BinaryOperator, _ left: Int, _ right: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        if operation == .isIn { return try lowerIn(left, right, at: node) }
        let first = try lower(left)
        let second = try lower(right)
        switch operation {
        case .equal, .notEqual:
            guard Lowering.areComparable(first.type, second.type) else {
                throw problem(
                    "'\(operation.rawValue)' compares \(first.type) with \(second.type), which are never equal; "
                        + Lowering.advice(first.type, second.type), at: node)
            }
            return try emit(
                operation == .equal ? .equal : .notEqual, first.index, second.index, as: .bool, at: node)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            for (value, place) in [(first, left), (second, right)] {
                try require(value, [.integer, .double, .text, .bool], for: "'\(operation.rawValue)'", at: place)
            }
            guard Lowering.areComparable(first.type, second.type) else {
                throw problem(
                    "'\(operation.rawValue)' can't order \(first.type) and \(second.type); "
                        + Lowering.advice(first.type, second.type), at: node)
            }
            return try emit(Lowering.comparison(operation), first.index, second.index, as: .bool, at: node)
        case .add, .subtract, .multiply, .divide, .remainder, .isIn:
            return try lowerArithmetic(operation, (first, left), (second, right), at: node)
        }
    }

    private static func comparison(_ operation: SyntaxTree.BinaryOperator) -> Instruction.Operation {
        switch operation {
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        default: .greaterOrEqual
        }
    }

    private static func advice(_ left: FieldType, _ right: FieldType) -> String {
        let types = [left, right]
        if types.contains(.text), types.contains(where: isNumber) {
            return "write the number in quotes, or convert the text by int() or double()"
        }
        if types.contains(.text), types.contains(.bool) { return "write true and false without quotes" }
        return "compare values of one type"
    }

    private mutating func lowerArithmetic(
        _ operation: SyntaxTree.BinaryOperator, _ left: (value: Typed, node: Int), _ right: (value: Typed, node: Int),
        at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let symbol = "'\(operation.rawValue)'"
        for side in [left, right] {
            if side.value.type == .text, operation == .add {
                throw problem("joining texts is not supported in expressions; compare the parts", at: node)
            }
            let types: [FieldType] = operation == .remainder ? [.integer] : [.integer, .double]
            try require(side.value, types, for: symbol, at: side.node)
        }
        let types = (left.value.type, right.value.type)
        if types == (.integer, .double) || types == (.double, .integer) {
            let whole = left.value.type == .integer ? left.value : right.value
            if case .integer(let number)? = whole.literal {
                throw problem("\(symbol) does not mix int and double; write \(number).0", at: node)
            }
            throw problem("\(symbol) does not mix int and double; convert one side by double() or int()", at: node)
        }
        let type = types.0 == .any ? types.1 : types.0
        return try emit(
            Lowering.arithmetic(operation), left.value.index, right.value.index, as: type, at: node)
    }

    private static func arithmetic(_ operation: SyntaxTree.BinaryOperator) -> Instruction.Operation {
        switch operation {
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        default: .add
        }
    }

    // MARK: `in`

    private mutating func lowerIn(_ left: Int, _ right: Int, at node: Int) throws(ExpressionProblem) -> Typed {
        if case .list(let elements) = tree[right].kind {
            let wanted = try lower(left)
            var indexes: [Int32] = []
            for element in elements {
                let candidate = try lower(element)
                guard Lowering.areComparable(wanted.type, candidate.type) else {
                    throw problem(
                        "'in' compares \(wanted.type) with \(candidate.type), which are never equal; "
                            + Lowering.advice(wanted.type, candidate.type), at: element)
                }
                indexes.append(candidate.index)
            }
            let range = addOperands(indexes)
            return try emit(.isAmong, wanted.index, range.0, range.1, as: .bool, at: node)
        }
        if let path = try path(of: right), case .literal(.text(let key)) = tree[left].kind {
            switch try type(of: path, at: right) {
            case .map, .object:
                let keyed = FieldPath(path.components + [.key(String(decoding: key, as: UTF8.self))])
                return try lowerHas(keyed, at: node)
            default: break
            }
        }
        let wanted = try lower(left)
        let container = try lower(right)
        switch container.type {
        case .any: break
        case .list(let element):
            guard Lowering.areComparable(wanted.type, element) else {
                throw problem("'in' looks for \(wanted.type) in a list of \(element)", at: node)
            }
        case .map, .object:
            try require(wanted, [.text], for: "a key before 'in'", at: left)
        case .text:
            throw problem("'in' does not search text; write text.contains(part)", at: node)
        default:
            throw problem("'in' takes a list or a map after it, and this is \(container.type)", at: right)
        }
        return try emit(.isIn, wanted.index, container.index, as: .bool, at: node)
    }
}
