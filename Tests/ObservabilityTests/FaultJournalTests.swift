import Testing

@testable import Observability

@Suite struct FaultJournalTests {
    private let start = ContinuousClock.now

    @Test func aFaultIsSaidAtOnceAndThenOnceAMinute() {
        var journal = FaultJournal()
        var said: [(second: Int, line: FaultJournal.Line)] = []
        for second in 0..<150 {
            if let line = journal.failed("b:1", at: start + .seconds(second)) { said.append((second, line)) }
        }
        #expect(said.map(\.second) == [0, 60, 120])
        #expect(said.map(\.line) == [.begins, .goesOn(.seconds(60), times: 60), .goesOn(.seconds(120), times: 60)])
        #expect(journal.recovered("b:1", at: start + .seconds(151)) == .seconds(151))
        #expect(journal.recovered("b:1", at: start + .seconds(151)) == nil)
        #expect(journal.failed("b:1", at: start + .seconds(152)) == .begins)
    }

    @Test func faultsOfSeveralPlacesAreSaidApart() {
        var journal = FaultJournal()
        #expect(journal.failed("a", at: start) == .begins)
        #expect(journal.failed("b", at: start) == .begins)
        #expect(journal.failed("a", at: start + .seconds(1)) == nil)
    }

    @Test func aFaultThatWasNotSeenForLongIsANewOne() {
        var journal = FaultJournal(silence: .seconds(120))
        #expect(journal.failed("a", at: start) == .begins)
        #expect(journal.failed("a", at: start + .seconds(119)) == .goesOn(.seconds(119), times: 1))
        #expect(journal.failed("a", at: start + .seconds(239)) == .begins)
    }

    @Test func beyondTheBoundEveryFaultIsSaid() {
        var journal = FaultJournal()
        for index in 0..<FaultJournal.faultsMax { _ = journal.failed("\(index)", at: start) }
        for _ in 0..<3 { #expect(journal.failed("more", at: start + .seconds(1)) == .begins) }
        #expect(journal.failed("0", at: start + .seconds(1)) == nil)
        // What is long over makes room.
        #expect(journal.failed("more", at: start + .seconds(500)) == .begins)
        #expect(journal.failed("more", at: start + .seconds(501)) == nil)
    }
}
