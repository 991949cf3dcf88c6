import Testing

@testable import Sinks

/// Where a partition of the feed is begun.
@Suite struct FeedBeginningTests {
    private func begin(_ committed: (next: Int64, metadata: String)?, low: Int64 = 0, high: Int64 = 9) -> FeedBeginning
    {
        FeedBeginning(partition: 2, committed: committed, low: low, high: high)
    }

    @Test func aNewSinkBeginsAtTheEndAndIsToldWhatIsOpen() {
        #expect(begin(nil).offset == FeedOffset(partition: 2, next: 9, start: .connected) && begin(nil).hasHistory)
        #expect(!begin(nil, low: 9).hasHistory)
    }

    @Test(arguments: [FeedStart.resumed, .connected, .takenOver])
    func aRestartBeginsAsItWasCommitted(start: FeedStart) {
        let offset = FeedOffset(partition: 2, next: 5, start: start)
        let beginning = begin((5, offset.metadata(logPartitions: 3)))
        #expect(beginning.offset == offset)
        #expect(beginning.hasHistory == (start != .resumed))
        #expect(beginning.logPartitions == (start == .takenOver ? nil : 3))
    }

    @Test func whatTheFormerReleaseCommittedWithoutATextIsTakenOver() {
        for text in ["", "x", "notifications", "notifications=", "notifications=x", "notifications=3;else", "=3", ";"] {
            #expect(begin((5, text)).offset.start == .takenOver, "\(text)")
        }
    }

    @Test func whatRetentionTookIsLeftOut() {
        let beginning = begin((5, "notifications=3;connected"), low: 6)
        #expect(beginning.offset == FeedOffset(partition: 2, next: 6, start: .connected) && !beginning.hasHistory)
        #expect(begin((5, ""), low: 5).hasHistory == false)
    }

    @Test func anotherTopicOfTheNameIsReadFromItsBeginning() {
        for text in ["", "notifications=3", "notifications=3;connected"] {
            let beginning = begin((10, text), low: 1)
            #expect(beginning.offset == FeedOffset(partition: 2, next: 1, start: .resumed) && !beginning.hasHistory)
        }
    }
}
