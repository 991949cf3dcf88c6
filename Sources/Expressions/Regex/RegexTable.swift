/// A regular expression as a deterministic automaton: one table look-up for each byte.
///
/// A state stands for a set of the nondeterministic automaton's states *before* assertions are followed, with what came
/// before the place; that a match was reached shows one byte later, when both sides of the place are known.
struct RegexTable: Sendable {
    /// States at most; the table has `states × classes` entries of two bytes.
    static let statesMax = 2000
    /// Steps that building may take, so that a pattern costs milliseconds at most.
    static let workMax = 4_000_000

    /// Nothing leads from here to a match.
    static let dead: UInt16 = 0
    /// A match was found.
    static let accepted: UInt16 = 1

    private(set) var transitions: [UInt16] = []
    /// The class of each byte; the class after the last is the end of the text.
    private(set) var classes: [UInt8] = []
    private(set) var classCount = 0
    private(set) var start: UInt16 = 0

    /// `nil` when the table would be too large.
    init?(_ program: RegexProgram) {
        var builder = RegexTableBuilder(program)
        guard let start = builder.run() else { return nil }
        transitions = builder.transitions
        classes = builder.classes
        classCount = builder.classCount
        self.start = start
    }

    @inline(__always)
    func next(_ state: UInt16, _ byte: UInt8) -> UInt16 {
        transitions[Int(state) &* classCount &+ Int(classes[Int(byte)])]
    }

    /// Whether the text may end in `state`.
    func acceptsEnd(_ state: UInt16) -> Bool {
        transitions[Int(state) &* classCount &+ (classCount &- 1)] == RegexTable.accepted
    }

    func matches(_ text: RawSpan) -> Bool {
        let transitions = transitions.span
        let classes = classes.span
        var state = start
        for place in 0..<text.byteCount {
            let byte = text.byte(place)
            state = transitions[Int(state) &* classCount &+ Int(classes[Int(byte)])]
            if state <= RegexTable.accepted { return state == RegexTable.accepted }
        }
        return acceptsEnd(state)
    }
}

/// The subset construction.
private struct RegexTableBuilder {
    private struct Key: Hashable {
        var kernel: [Int32]
        var previous: RegexContext
    }

    let program: RegexProgram
    var transitions: [UInt16] = []
    var classes: [UInt8]
    var classCount = 0
    private var representatives: [UInt8] = []
    private var states: [Key: UInt16] = [:]
    private var keys: [Key] = []
    private var work = 0

    init(_ program: RegexProgram) {
        self.program = program
        classes = Array(repeating: 0, count: 256)
        findClasses()
    }

    /// Bytes that no instruction and no assertion tells apart share a class.
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

    mutating func run() -> UInt16? {
        // The two fixed states come first, and lead to themselves.
        transitions = Array(repeating: RegexTable.dead, count: classCount)
        transitions += Array(repeating: RegexTable.accepted, count: classCount)
        guard let start = state(Key(kernel: [program.start], previous: program.hasAssertions ? .edge : .other)) else {
            return nil
        }
        var done = 0
        while done < keys.count {
            let key = keys[done]
            for byte in representatives {
                guard let target = step(key, byte) else { return nil }
                transitions[(done + 2) * classCount + Int(classes[Int(byte)])] = target
            }
            let (_, isMatch) = closure(of: key, before: .edge)
            transitions[(done + 2) * classCount + classCount - 1] = isMatch ? RegexTable.accepted : RegexTable.dead
            if work > RegexTable.workMax { return nil }
            done += 1
        }
        return start
    }

    private mutating func state(_ key: Key) -> UInt16? {
        if let known = states[key] { return known }
        guard keys.count < RegexTable.statesMax else { return nil }
        let number = UInt16(keys.count + 2)
        states[key] = number
        keys.append(key)
        transitions += Array(repeating: RegexTable.dead, count: classCount)
        return number
    }

    private mutating func step(_ key: Key, _ byte: UInt8) -> UInt16? {
        let context = program.hasAssertions ? RegexContext(byte) : .other
        let (reached, isMatch) = closure(of: key, before: context)
        if isMatch { return RegexTable.accepted }
        var kernel: Set<Int32> = []
        for index in reached {
            let instruction = program.instructions[Int(index)]
            if instruction.low <= byte, byte <= instruction.high { kernel.insert(instruction.next) }
        }
        if kernel.isEmpty { return RegexTable.dead }
        return state(Key(kernel: kernel.sorted(), previous: context))
    }

    /// The byte instructions that can be reached without a byte, and whether a match can.
    private mutating func closure(of key: Key, before next: RegexContext) -> (bytes: [Int32], isMatch: Bool) {
        var bytes: [Int32] = []
        var seen = [Bool](repeating: false, count: program.instructions.count)
        var open = key.kernel
        while let index = open.popLast() {
            work += 1
            if seen[Int(index)] { continue }
            seen[Int(index)] = true
            let instruction = program.instructions[Int(index)]
            switch instruction.operation {
            case .match: return ([], true)
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
        work += seen.count / 16
        return (bytes, false)
    }
}
