/// A regular expression as a nondeterministic automaton over the bytes of UTF-8 (Thompson's construction).
struct RegexProgram: Sendable {
    /// States at most: the simulation keeps a set of them in place.
    static let instructionsMax = 4096

    struct Instruction: BitwiseCopyable, Sendable {
        enum Operation: UInt8, BitwiseCopyable, Sendable {
            /// Takes a byte from `low` to `high`, then goes to `next`.
            case byte
            /// Goes to `next` and to `other`.
            case split
            /// Goes to `next` where the assertion with raw value `low` holds.
            case assertion
            case match
        }

        var operation: Operation
        var low: UInt8 = 0
        var high: UInt8 = 0
        var next: Int32 = 0
        var other: Int32 = 0
    }

    private(set) var instructions: [Instruction] = []
    private(set) var start: Int32 = 0
    private(set) var hasAssertions = false
    private var buildSteps = 0

    /// The automaton that finds `syntax` anywhere in a text.
    init(_ syntax: RegexSyntax) throws(RegexProblem) {
        // Built from the end: every part knows where it leads to.
        let match = try add(Instruction(operation: .match))
        let body = try build(syntax, to: match)
        // An unanchored search is a loop over any byte before the pattern.
        let loop = try add(Instruction(operation: .split, next: body))
        let any = try add(Instruction(operation: .byte, low: 0, high: 0xFF, next: loop))
        instructions[Int(loop)].other = any
        start = loop
    }

    private mutating func add(_ instruction: Instruction) throws(RegexProblem) -> Int32 {
        guard instructions.count < RegexProgram.instructionsMax else {
            throw RegexProblem(
                message: "the pattern is too large: it needs more than \(RegexProgram.instructionsMax) states; "
                    + "repeat less often or list fewer ranges", offset: 0)
        }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    private mutating func build(_ syntax: RegexSyntax, to next: Int32) throws(RegexProblem) -> Int32 {
        // Repetitions of what is empty add no states, so states alone don't bound the work.
        buildSteps += 1
        if buildSteps > 16 * RegexProgram.instructionsMax {
            throw RegexProblem(
                message: "the pattern is too large: it repeats repetitions; repeat less often", offset: 0)
        }
        switch syntax {
        case .empty:
            return next
        case .set(let set):
            // Most sets are one character of ASCII.
            if set.ranges.count == 1, set.ranges[0].upperBound < 0x80 {
                let bytes = set.ranges[0]
                return try add(
                    Instruction(
                        operation: .byte, low: UInt8(bytes.lowerBound), high: UInt8(bytes.upperBound), next: next))
            }
            var sequences: [[ClosedRange<UInt8>]] = []
            for range in set.ranges { UTF8Ranges.append(range, to: &sequences) }
            return try choice(sequences.count) { (program, index) throws(RegexProblem) in
                var target = next
                for bytes in sequences[index].reversed() {
                    target = try program.add(
                        Instruction(operation: .byte, low: bytes.lowerBound, high: bytes.upperBound, next: target))
                }
                return target
            }
        case .sequence(let parts):
            var target = next
            for part in parts.reversed() { target = try build(part, to: target) }
            return target
        case .choice(let branches):
            return try choice(branches.count) { (program, index) throws(RegexProblem) in
                try program.build(branches[index], to: next)
            }
        case .repeated(let part, let min, let max):
            return try repetition(of: part, min: min, max: max, to: next)
        case .assertion(let assertion):
            hasAssertions = true
            return try add(Instruction(operation: .assertion, low: assertion.rawValue, next: next))
        }
    }

    /// A chain of splits over `count` alternatives; with none, a state that nothing leaves.
    private mutating func choice(
        _ count: Int, _ branch: (inout RegexProgram, Int) throws(RegexProblem) -> Int32
    ) throws(RegexProblem) -> Int32 {
        // No byte lies between 1 and 0.
        guard count > 0 else { return try add(Instruction(operation: .byte, low: 1, high: 0)) }
        var target = try branch(&self, count - 1)
        for index in (0..<(count - 1)).reversed() {
            let first = try branch(&self, index)
            target = try add(Instruction(operation: .split, next: first, other: target))
        }
        return target
    }

    private mutating func repetition(
        of part: RegexSyntax, min: Int, max: Int?, to next: Int32
    ) throws(RegexProblem) -> Int32 {
        var target = next
        if let max {
            for _ in 0..<(max - min) {
                let once = try build(part, to: target)
                target = try add(Instruction(operation: .split, next: once, other: next))
            }
        } else {
            let loop = try add(Instruction(operation: .split, other: next))
            instructions[Int(loop)].next = try build(part, to: loop)
            target = loop
        }
        for _ in 0..<min { target = try build(part, to: target) }
        return target
    }
}

/// Cuts ranges of code points into sequences of byte ranges of UTF-8.
enum UTF8Ranges {
    /// The code points of each length of encoding, and their leading bytes.
    private static let lengths: [(ClosedRange<UInt32>, lead: ClosedRange<UInt8>)] = [
        (0...0x7F, 0...0x7F), (0x80...0x7FF, 0xC2...0xDF), (0x800...0xFFFF, 0xE0...0xEF),
        (0x1_0000...0x10_FFFF, 0xF0...0xF4),
    ]

    static func append(_ range: ClosedRange<UInt32>, to sequences: inout [[ClosedRange<UInt8>]]) {
        for (index, (all, lead)) in lengths.enumerated() where range.overlaps(all) {
            let part = range.clamped(to: all)
            if part == all {
                // Texts are valid UTF-8, so a whole length needs no care for what can't occur: a lead byte and
                // any continuation bytes.
                sequences.append([lead] + Array(repeating: 0x80...0xBF, count: index))
            } else {
                split(part, continuationBytes: index, to: &sequences)
            }
        }
    }

    /// Splits until all code points of a piece share their leading bytes and cover the trailing ones fully.
    private static func split(
        _ range: ClosedRange<UInt32>, continuationBytes: Int, to sequences: inout [[ClosedRange<UInt8>]]
    ) {
        var trailing = 1
        while trailing <= continuationBytes {
            let mask = UInt32(1) << UInt32(6 * trailing) - 1
            if range.lowerBound & ~mask != range.upperBound & ~mask {
                if range.lowerBound & mask != 0 {
                    split(
                        range.lowerBound...(range.lowerBound | mask), continuationBytes: continuationBytes,
                        to: &sequences)
                    split(
                        ((range.lowerBound | mask) + 1)...range.upperBound, continuationBytes: continuationBytes,
                        to: &sequences)
                    return
                }
                if range.upperBound & mask != mask {
                    split(
                        range.lowerBound...((range.upperBound & ~mask) - 1), continuationBytes: continuationBytes,
                        to: &sequences)
                    split(
                        (range.upperBound & ~mask)...range.upperBound, continuationBytes: continuationBytes,
                        to: &sequences)
                    return
                }
            }
            trailing += 1
        }
        let low = encode(range.lowerBound, continuationBytes)
        let high = encode(range.upperBound, continuationBytes)
        sequences.append(zip(low, high).map { $0...$1 })
    }

    private static func encode(_ point: UInt32, _ continuationBytes: Int) -> [UInt8] {
        if continuationBytes == 0 { return [UInt8(point)] }
        let leads: [UInt8] = [0, 0xC0, 0xE0, 0xF0]
        var bytes = [leads[continuationBytes] | UInt8(truncatingIfNeeded: point >> UInt32(6 * continuationBytes))]
        for index in (0..<continuationBytes).reversed() {
            bytes.append(0x80 | UInt8(truncatingIfNeeded: point >> UInt32(6 * index)) & 0x3F)
        }
        return bytes
    }
}
