import Testing

@testable import Delivery
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

@Suite struct PagerDutyAnswerTests {
    @Test(arguments: [
        (
            #"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect"]}"#,
            "Event object is invalid: Length of 'routing_key' is incorrect"
        ),
        (#"{"message":"Requests are rate limited","errors":[]}"#, "Requests are rate limited"),
        (#"{"message":"two\nlines\u001b[31m"}"#, "two lines [31m"),
        ("<html>\r\n  <b>Bad gateway</b>\n</html>", "<html> <b>Bad gateway</b> </html>"),
        (#"{"errors":["no message"]}"#, #"{"errors":["no message"]}"#), ("", ""), ("\u{0}\n", ""),
    ])
    func wordsAreOnOneLine(body: String, text: String) {
        #expect(PagerDutyAnswer(body: Array(body.utf8)).text == text)
    }

    @Test func lengthIsBounded() {
        let long = #"{"message":"\#(String(repeating: "é", count: 10_000))"}"#
        for body in [Array(long.utf8), Array(repeating: 0x78, count: 1 << 20), Array(repeating: 0xFF, count: 5_000)] {
            let text = PagerDutyAnswer(body: body).text
            #expect(!text.isEmpty && text.utf8.count <= PagerDutyAnswer.textBytesMax)
        }
    }
}
