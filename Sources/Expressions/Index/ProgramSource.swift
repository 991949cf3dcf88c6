/// A program while it is taken apart.
struct ProgramSource {
    struct Question: Hashable {
        var node: Int32
        var wanted: Bool
    }

    let program: Program
    /// By node: whether it walks over JSON, which an evaluation does within a budget.
    let isHeavy: [Bool]
    /// Its place in the index, once it is there.
    var number: Int32?
    var answers: [Question: Int32] = [:]

    init(_ program: Program) {
        self.program = program
        // Operands come before their users.
        var isHeavy: [Bool] = []
        for instruction in program.instructions {
            isHeavy.append(
                instruction.walksJSON
                    || ProgramSource.operands(of: instruction, program).contains { isHeavy[Int($0)] })
        }
        self.isHeavy = isHeavy
    }

    /// How many nodes below `&&`, `||` and `!` walk over JSON.
    func heavyCount(_ root: Int32) -> Int {
        var heavy: Set<Int32> = []
        var seen: Set<Int32> = []
        var open = [root]
        while let node = open.popLast() {
            guard isHeavy[Int(node)], seen.insert(node).inserted else { continue }
            let instruction = program.instructions[Int(node)]
            switch instruction.operation {
            case .and, .or, .not: open += ProgramSource.operands(of: instruction, program)
            default: heavy.insert(node)
            }
        }
        return heavy.count
    }

    /// What `&&` joins at the root.
    var conjuncts: [Int32] {
        var found: [Int32] = []
        var open = [program.root]
        while let node = open.popLast() {
            let instruction = program.instructions[Int(node)]
            if instruction.operation == .and {
                open += operands(instruction.a, instruction.b)
            } else {
                found.append(node)
            }
        }
        return found
    }

    func operands(_ first: Int32, _ end: Int32) -> ArraySlice<Int32> { program.operands[Int(first)..<Int(end)] }

    /// The slot of field `a` and constant `b`, where they are that; a field that is read as a double has rules of its own.
    func fieldAndConstant(_ a: Int32, _ b: Int32) -> (slot: Int32, constant: Value)? {
        let (field, constant) = (program.instructions[Int(a)], program.instructions[Int(b)])
        guard field.operation == .field, !field.flag, constant.operation == .constant else { return nil }
        return (field.a, program.constants[Int(constant.a)])
    }

    func text(_ constant: Value) -> [UInt8] { ProgramSource.text(constant, of: program) }

    static func text(_ constant: Value, of program: Program) -> [UInt8] {
        Array(program.literals[constant.offset..<constant.offset + constant.length])
    }

    private static func operands(of instruction: Instruction, _ program: Program) -> [Int32] {
        switch instruction.operation {
        case .constant, .field, .hasField, .variable: []
        case .member, .hasMember, .element, .not, .negate, .matches, .size, .toInteger, .toDouble, .toText, .toBool,
            .toAddress, .toNetwork, .isAddress, .isNetwork, .family:
            [instruction.a]
        case .and, .or: Array(program.operands[Int(instruction.a)..<Int(instruction.b)])
        case .conditional: [instruction.a, instruction.b, instruction.c]
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .add, .subtract, .multiply, .divide,
            .remainder, .isIn, .startsWith, .endsWith, .contains, .containsAddress, .containsNetwork, .exists,
            .existsOne, .all:
            [instruction.a, instruction.b]
        case .isAmong: [instruction.a] + program.operands[Int(instruction.b)..<Int(instruction.c)]
        }
    }

    /// Writes a node in a form that only nodes of the same meaning have; false where that is too long.
    func write(_ node: Int32, to key: inout [UInt8], bytesMax: Int) -> Bool {
        if key.count > bytesMax { return false }
        let instruction = program.instructions[Int(node)]
        key.append(instruction.operation.rawValue)
        key.append(instruction.flag ? 1 : 0)
        switch instruction.operation {
        case .constant: write(program.constants[Int(instruction.a)], to: &key)
        case .field, .variable: key.append(number: instruction.a)
        case .hasField:
            key.append(number: instruction.a)
            key.append(number: instruction.b)
        case .member, .hasMember: write(program.constants[Int(instruction.b)], to: &key)
        case .element: key.append(number: instruction.b)
        case .exists, .existsOne, .all: key.append(number: instruction.c)
        case .matches:
            let pattern = Array(program.patterns[Int(instruction.b)].pattern.utf8)
            key.append(number: pattern.count)
            key += pattern
        default: break
        }
        let operands = ProgramSource.operands(of: instruction, program)
        key.append(number: operands.count)
        for operand in operands where !write(operand, to: &key, bytesMax: bytesMax) { return false }
        return key.count <= bytesMax
    }

    private func write(_ value: Value, to key: inout [UInt8]) {
        key += [value.kind.rawValue, value.prefixLength, value.isIPv4 ? 1 : 0]
        if value.isText {
            key.append(number: value.length)
            key += text(value)
        } else {
            key.append(number: value.high)
            key.append(number: value.low)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

extension Instruction {
    /// What takes from the budget of an evaluation, or gives texts whose search does.
    fileprivate var walksJSON: Bool {
        switch operation {
        case .member, .hasMember, .element, .isIn, .size, .exists, .existsOne, .all: true
        default: false
        }
    }
}
