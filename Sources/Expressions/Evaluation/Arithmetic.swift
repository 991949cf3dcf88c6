/// CEL's arithmetic: both operands of one type, overflow of integers and division by zero as errors.
enum Arithmetic {
    static func apply(_ operation: Instruction.Operation, _ left: Value, _ right: Value) -> Value {
        switch (left.kind, right.kind) {
        case (.integer, .integer): return integers(operation, left.integerValue, right.integerValue)
        case (.double, .double): return doubles(operation, left.doubleValue, right.doubleValue)
        default: return left.isError ? left : right.isError ? right : .error(.noSuchOverload)
        }
    }

    static func negate(_ operand: Value) -> Value {
        switch operand.kind {
        case .integer: operand.integerValue == .min ? .error(.integerOverflow) : .integer(-operand.integerValue)
        case .double: .double(-operand.doubleValue)
        case .error: operand
        default: .error(.noSuchOverload)
        }
    }

    private static func integers(_ operation: Instruction.Operation, _ left: Int64, _ right: Int64) -> Value {
        let result: (partialValue: Int64, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            if right == 0 { return .error(.divisionByZero) }
            result = left.dividedReportingOverflow(by: right)
        case .remainder:
            if right == 0 { return .error(.divisionByZero) }
            result = left.remainderReportingOverflow(dividingBy: right)
        default: return .error(.noSuchOverload)
        }
        return result.overflow ? .error(.integerOverflow) : .integer(result.partialValue)
    }

    private static func doubles(_ operation: Instruction.Operation, _ left: Double, _ right: Double) -> Value {
        switch operation {
        case .add: .double(left + right)
        case .subtract: .double(left - right)
        case .multiply: .double(left * right)
        case .divide: .double(left / right)
        default: .error(.noSuchOverload)
        }
    }
}
