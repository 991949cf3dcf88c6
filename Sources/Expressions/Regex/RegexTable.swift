import Text

/// A regular expression as a deterministic automaton: one table look-up for each byte.
///
/// A state represents a set of the nondeterministic automaton's states *before* assertions are followed, with what came
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
