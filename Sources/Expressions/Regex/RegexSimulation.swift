/// Runs a nondeterministic automaton by keeping the set of its states, for patterns whose table would be too large.
///
/// Time: at most the number of instructions for each byte. No allocation; three sets of 512 bytes.
struct RegexSimulation {
    /// A set of instructions: one bit for each that a program may have.
    private struct StateSet {
        var words = InlineArray<64, UInt64>(repeating: 0)

        /// Whether `index` was not in the set before.
        mutating func insert(_ index: Int32) -> Bool {
            let word = Int(index) >> 6
            let bit: UInt64 = 1 << UInt64(index & 63)
            if words[word] & bit != 0 { return false }
            words[word] |= bit
            return true
        }
    }

    private var kernel = StateSet()
    private var previous = RegexContext.edge
    private(set) var hasMatched = false

    init(_ program: RegexProgram) {
        _ = kernel.insert(program.start)
    }

    /// Takes one byte.
    mutating func advance(_ byte: UInt8, _ program: RegexProgram) {
        let context = RegexContext(byte)
        let reached = closure(before: context, program)
        if hasMatched { return }
        let instructions = program.instructions.span
        var stepped = StateSet()
        for word in 0..<RegexSimulation.words(program) {
            var bits = reached.words[word]
            while bits != 0 {
                let index = word &* 64 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                let instruction = instructions[index]
                if instruction.operation == .byte, instruction.low <= byte, byte <= instruction.high {
                    _ = stepped.insert(instruction.next)
                }
            }
        }
        kernel = stepped
        previous = context
    }

    /// Whether the text up to here matches, if it ends here.
    mutating func finish(_ program: RegexProgram) -> Bool {
        if !hasMatched { _ = closure(before: .edge, program) }
        return hasMatched
    }

    /// Everything that can be reached without a byte. `fresh` holds what is reached and not yet followed, so each
    /// instruction is followed once.
    private mutating func closure(before next: RegexContext, _ program: RegexProgram) -> StateSet {
        var reached = kernel
        var fresh = kernel
        let instructions = program.instructions.span
        var isOpen = true
        while isOpen {
            isOpen = false
            for word in 0..<RegexSimulation.words(program) {
                while fresh.words[word] != 0 {
                    let index = word &* 64 &+ fresh.words[word].trailingZeroBitCount
                    fresh.words[word] &= fresh.words[word] &- 1
                    let instruction = instructions[index]
                    switch instruction.operation {
                    case .byte: continue
                    case .match:
                        hasMatched = true
                        return reached
                    case .split:
                        if reached.insert(instruction.next) { _ = fresh.insert(instruction.next) }
                        if reached.insert(instruction.other) { _ = fresh.insert(instruction.other) }
                    case .assertion:
                        let holds =
                            RegexAssertion(rawValue: instruction.low)?.holds(after: previous, before: next) == true
                        if holds, reached.insert(instruction.next) { _ = fresh.insert(instruction.next) }
                    }
                    isOpen = true
                }
            }
        }
        return reached
    }

    private static func words(_ program: RegexProgram) -> Int { (program.instructions.count &+ 63) / 64 }
}
