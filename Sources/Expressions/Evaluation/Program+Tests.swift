import TelemetryModel

/// Finds the simple tests that an expression is made of, if it is made of nothing else.
extension Program {
    var simpleTests: [SimpleTest] {
        var tests: [SimpleTest] = []
        var open = [root]
        while let index = open.popLast() {
            let instruction = instructions[Int(index)]
            if instruction.operation == .and {
                open += operands[Int(instruction.a)..<Int(instruction.b)].reversed()
            } else if let test = simpleTest(index) {
                tests.append(test)
            } else {
                return []
            }
        }
        return tests
    }

    /// A node as one test, which says whether it is true.
    func simpleTest(_ node: Int32) -> SimpleTest? {
        let instruction = instructions[Int(node)]
        switch instruction.operation {
        case .field:
            return SimpleTest(kind: .isTrue, slot: instruction.a)
        case .hasField where instruction.b < 0:
            return SimpleTest(kind: .isThere, slot: instruction.a)
        case .not:
            let inner = instructions[Int(instruction.a)]
            guard inner.operation == .hasField, inner.b < 0 else { return nil }
            return SimpleTest(kind: .isNotThere, slot: inner.a)
        case .equal, .notEqual:
            return equalityTest(instruction)
        case .startsWith, .endsWith:
            guard let (slot, text) = fieldAndConstant(instruction.a, instruction.b), text.kind == .text else {
                return nil
            }
            return SimpleTest(
                kind: instruction.operation == .startsWith ? .startsWith : .endsWith, slot: slot,
                offset: Int32(text.offset), length: Int32(text.length))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return orderTest(instruction)
        default:
            return nil
        }
    }

    private func equalityTest(_ instruction: Instruction) -> SimpleTest? {
        let found =
            fieldAndConstant(instruction.a, instruction.b) ?? fieldAndConstant(instruction.b, instruction.a)
        guard let (slot, constant) = found else { return nil }
        let isEqual = instruction.operation == .equal
        switch constant.kind {
        case .text:
            return SimpleTest(
                kind: isEqual ? .isText : .isNotText, slot: slot, offset: Int32(constant.offset),
                length: Int32(constant.length))
        case .integer:
            return SimpleTest(
                kind: isEqual ? .isInteger : .isNotInteger, slot: slot, number: constant.integerValue)
        default:
            return nil
        }
    }

    private func orderTest(_ instruction: Instruction) -> SimpleTest? {
        guard let (slot, constant) = fieldAndConstant(instruction.a, instruction.b), constant.kind == .integer else {
            return nil
        }
        let limit = constant.integerValue
        switch instruction.operation {
        case .less: return SimpleTest(kind: .isBelow, slot: slot, number: limit)
        case .greater: return SimpleTest(kind: .isAbove, slot: slot, number: limit)
        case .lessOrEqual where limit < .max: return SimpleTest(kind: .isBelow, slot: slot, number: limit + 1)
        case .greaterOrEqual where limit > .min: return SimpleTest(kind: .isAbove, slot: slot, number: limit - 1)
        default: return nil
        }
    }

    /// The slot of field `a` and constant `b`, where they are that; fields read as doubles need all of CEL's rules.
    private func fieldAndConstant(_ a: Int32, _ b: Int32) -> (slot: Int32, constant: Value)? {
        let field = instructions[Int(a)]
        let constant = instructions[Int(b)]
        guard field.operation == .field, !field.flag, constant.operation == .constant else { return nil }
        return (field.a, constants[Int(constant.a)])
    }
}
