import Testing

@testable import Alerting

@Suite struct AlertBookTests {
    private func news(_ feed: [AlertTransition], in book: inout AlertBook) -> [Bool] {
        var news: [Bool] = []
        for transition in feed { news.append(book.apply(transition)) }
        return news
    }

    @Test func onlyChangesAreNews() {
        var book = AlertBook()
        let (open, resolved) = (burnRate(), burnRate(isFiring: false, time: at(30)))
        #expect(news([resolved, open, burnRate(time: at(6))], in: &book) == [false, true, false])
        #expect(book.open == [open])
        #expect(news([resolved, resolved], in: &book) == [true, false])
        #expect(book.openCount == 0)
        #expect(news([open], in: &book) == [true])
    }

    @Test func alertsOfDifferentKeysDoNotMeet() {
        var book = AlertBook()
        let feed = [burnRate(alert: "page-slow"), burnRate(alert: "page-quick"), transition(time: at(1))]
        #expect(news(feed, in: &book) == [true, true, true])
        #expect(book.open.map(\.alert.time) == [at(1), at(5), at(5)])
        #expect(book.open[1].alert.dedupKey.text < book.open[2].alert.dedupKey.text)
    }

    @Test func aBookRestoredFromTheFeedAnnouncesNothingTwice() throws {
        let feed = [
            burnRate(), burnRate(isFiring: false, time: at(9)), transition(), burnRate(time: at(20)),
            transition(status: .resolved),
        ]
        var before = AlertBook()
        #expect(news(feed, in: &before).allSatisfy { $0 })
        var after = AlertBook()
        for transition in feed { after.restore(try AlertTransition(json: transition.json)) }
        #expect(after == before)
        #expect(news([burnRate(time: at(21))], in: &after) == [false])
        #expect(after.openAlert(burnRate().alert.dedupKey)?.alert.time == at(20))
    }
}
