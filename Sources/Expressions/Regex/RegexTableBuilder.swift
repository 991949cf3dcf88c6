/// The subset construction: from sets of the nondeterministic automaton's states to the states of a table.
///
/// The sets that are worked on are arrays of the builder, so that a step allocates only where it finds a new state.
struct RegexTableBuilder {
    private struct Key: Hashable {
        /// Sorted.
        var kernel: [Int32]
        var previous: RegexContext
    }

    /// Some of the program's instructions, each once.
    private struct InstructionSet {
        private(set) var members: [Int32] = []
        /// The number of the clearing after which an instruction was inserted last.
        private var stamps: [UInt32]
        private var clearings: UInt32 = 1

        init(of count: Int) {
            stamps = Array(repeating: 0, count: count)
        }

        mutating func clear() {
            members.removeAll(keepingCapacity: true)
            clearings += 1
        }

        /// Whether `index` was not in the set before.
        mutating func insert(_ index: Int32) -> Bool {
            if stamps[Int(index)] == clearings { return false }
            stamps[Int(index)] = clearings
            members.append(index)
            return true
        }

        mutating func sort() { members.sort() }
    }

    private let program: RegexProgram
    private(set) var transitions: [UInt16] = []
    private(set) var classes: [UInt8]
    private(set) var classCount = 0
    private var representatives: [UInt8] = []
    private var states: [Key: UInt16] = [:]
    private var keys: [Key] = []
    private var work = 0
    // What `close` and `step` work on.
    private var open: [Int32] = []
    private var reached: InstructionSet
    private var bytes: [Int32] = []
    private var stepped: InstructionSet

    init(_ program: RegexProgram) {
        self.program = program
        classes = Array(repeating: 0, count: 256)
        reached = InstructionSet(of: program.instructions.count)
        stepped = InstructionSet(of: program.instructions.count)
        findClasses()
    }

    /// Bytes that no instruction and no assertion distinguishes share a class.
    private mutating func findClasses() {
        var begins = [Bool](repeating: false, count: 257)
        begins[0] = true
        for instruction in program.instructions where instruction.operation == .byte {
            begins[Int(instruction.low)] = true
            begins[Int(instruction.high) + 1] = true
        }
        if program.hasAssertions {
            for byte in 1...255 where RegexContext(UInt8(byte)) != RegexContext(UInt8(byte - 1)) { begins[byte] = true }
        }
        for byte in 0..<256 {
            if begins[byte] { representatives.append(UInt8(byte)) }
            classes[byte] = UInt8(truncatingIfNeeded: representatives.count - 1)
        }
        classCount = representatives.count + 1
    }

    /// The state that matching starts in, or `nil` when the table would be too large.
    mutating func run() -> UInt16? {
        // The two fixed states come first, and lead to themselves.
        transitions = Array(repeating: RegexTable.dead, count: classCount)
        transitions.append(contentsOf: repeatElement(RegexTable.accepted, count: classCount))
        guard let start = state([program.start], after: program.hasAssertions ? .edge : .other) else { return nil }
        var done = 0
        while done < keys.count {
            let key = keys[done]
            let row = (done + 2) * classCount
            // What is reached depends on no more of the next byte than what assertions ask, so once for each context.
            for context in program.hasAssertions ? [.word, .newline, .other] : [RegexContext.other] {
                let isMatch = close(key, before: context)
                for byte in representatives where !program.hasAssertions || RegexContext(byte) == context {
                    guard let target = isMatch ? RegexTable.accepted : step(by: byte, in: context) else { return nil }
                    transitions[row + Int(classes[Int(byte)])] = target
                }
            }
            let isMatch = close(key, before: .edge)
            transitions[row + classCount - 1] = isMatch ? RegexTable.accepted : RegexTable.dead
            if work > RegexTable.workMax { return nil }
            done += 1
        }
        return start
    }

    private mutating func state(_ kernel: [Int32], after previous: RegexContext) -> UInt16? {
        let key = Key(kernel: kernel, previous: previous)
        if let known = states[key] { return known }
        guard keys.count < RegexTable.statesMax else { return nil }
        let number = UInt16(keys.count + 2)
        states[key] = number
        keys.append(key)
        transitions.append(contentsOf: repeatElement(RegexTable.dead, count: classCount))
        return number
    }

    /// Where `byte` leads to from `bytes`.
    private mutating func step(by byte: UInt8, in context: RegexContext) -> UInt16? {
        stepped.clear()
        let instructions = program.instructions
        for index in bytes {
            let instruction = instructions[Int(index)]
            if instruction.low <= byte, byte <= instruction.high { _ = stepped.insert(instruction.next) }
        }
        work += bytes.count / 4
        if stepped.members.isEmpty { return RegexTable.dead }
        stepped.sort()
        return state(stepped.members, after: context)
    }

    /// Follows everything that takes no byte: leaves the byte instructions reached in `bytes`, unless a match is
    /// reached, and says whether one is.
    private mutating func close(_ key: Key, before next: RegexContext) -> Bool {
        reached.clear()
        bytes.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        open.append(contentsOf: key.kernel)
        let instructions = program.instructions
        while let index = open.popLast() {
            work += 1
            guard reached.insert(index) else { continue }
            let instruction = instructions[Int(index)]
            switch instruction.operation {
            case .match: return true
            case .byte: bytes.append(index)
            case .split:
                open.append(instruction.next)
                open.append(instruction.other)
            case .assertion:
                if RegexAssertion(rawValue: instruction.low)?.holds(after: key.previous, before: next) == true {
                    open.append(instruction.next)
                }
            }
        }
        return false
    }
}
