import Text

/// A compiled regular expression: finds whether it matches anywhere in a text, in time linear in the text's length
/// whatever the pattern, and without allocation.
struct Regex: Sendable {
    private enum Engine: Sendable {
        case table(RegexTable)
        case simulation(RegexProgram)
    }

    private let engine: Engine
    let pattern: String

    init(_ pattern: String) throws(RegexProblem) {
        self.pattern = pattern
        let program = try RegexProgram(try RegexParser.parse(pattern))
        if let table = RegexTable(program) {
            engine = .table(table)
        } else {
            engine = .simulation(program)
        }
    }

    /// The slower engine, whatever the pattern, so that tests can hold the two against each other.
    init(simulating pattern: String) throws(RegexProblem) {
        self.pattern = pattern
        engine = .simulation(try RegexProgram(try RegexParser.parse(pattern)))
    }

    func matches(_ text: RawSpan) -> Bool {
        switch engine {
        case .table(let table): return table.matches(text)
        case .simulation(let program):
            var simulation = RegexSimulation(program)
            for place in 0..<text.byteCount {
                simulation.advance(text.byte(place), program)
                if simulation.hasMatched { return true }
            }
            return simulation.finish(program)
        }
    }

    /// Matches text that is escaped in JSON.
    func matches(_ text: consuming TextReader) -> Bool {
        switch engine {
        case .table(let table):
            var state = table.start
            while let byte = text.next() {
                state = table.next(state, byte)
                if state <= RegexTable.accepted { return state == RegexTable.accepted }
            }
            return table.acceptsEnd(state)
        case .simulation(let program):
            var simulation = RegexSimulation(program)
            while let byte = text.next() {
                simulation.advance(byte, program)
                if simulation.hasMatched { return true }
            }
            return simulation.finish(program)
        }
    }
}
