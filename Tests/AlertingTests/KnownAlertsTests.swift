import Testing

@testable import Alerting

@Suite struct KnownAlertsTests {
    private func news(_ feed: [AlertTransition], in book: inout KnownAlerts) -> [Bool] {
        var news: [Bool] = []
        for transition in feed { news.append(book.apply(transition)) }
        return news
    }

    @Test func onlyChangesAreNews() {
        var book = KnownAlerts()
        let (open, resolved) = (burnRate(), burnRate(isFiring: false, time: at(30)))
        #expect(news([resolved, open, burnRate(time: at(6))], in: &book) == [false, true, false])
        #expect(book.open.map(\.transition) == [open])
        #expect(news([resolved, resolved], in: &book) == [true, false])
        #expect(book.openCount == 0)
        #expect(news([open], in: &book) == [true])
    }

    @Test func anEndIsOfTheKindThatOpened() {
        var book = KnownAlerts()
        var (open, resolved) = (burnRate(), burnRate(isFiring: false, time: at(30)))
        (open.alert.kind, resolved.alert.kind) = ("no_data", "burn_rate")
        #expect(book.announce(resolved) == nil)
        #expect(book.announce(open)?.alert.kind == "no_data")
        #expect(book.announce(resolved)?.alert.kind == "no_data")
    }

    @Test func alertsOfDifferentKeysDoNotMeet() {
        var book = KnownAlerts()
        let feed = [burnRate(alert: "page-slow"), burnRate(alert: "page-quick"), transition(time: at(1))]
        #expect(news(feed, in: &book) == [true, true, true])
        #expect(book.open.map(\.transition.alert.time) == [at(1), at(5), at(5)])
        #expect(book.open[1].transition.alert.dedupKey.text < book.open[2].transition.alert.dedupKey.text)
    }

    @Test func aBookThatWasBroughtBackAnnouncesNothingTwice() throws {
        let feed = [
            burnRate(), burnRate(isFiring: false, time: at(9)), transition(), burnRate(time: at(20)),
            transition(status: .resolved),
        ]
        var before = KnownAlerts()
        #expect(news(feed, in: &before).allSatisfy { $0 })
        var after = KnownAlerts()
        for ending in before.endings { after.restore(ending) }
        for standing in before.open { after.restore(standing) }
        #expect(after == before)
        #expect(news([burnRate(time: at(21))], in: &after) == [false])
        #expect(after.open.map(\.transition.alert.time) == [at(20)])
    }

    /// Each owner of an alert has a key of its own in the feed; the next one takes the others' records back.
    @Test func recordsOfFormerOwnersAreTakenBackOnce() {
        var book = KnownAlerts()
        let (open, end, key) = (burnRate(), burnRate(isFiring: false, time: at(9)), burnRate().alert.dedupKey)
        func publish(_ transition: AlertTransition, _ epoch: Int64?, isPast: Bool = false) -> [String] {
            book.apply(transition)
            book.note(transition, under: FeedKey(key, epoch: epoch), isPast: isPast)
            return book.takeSuperseded(by: epoch).map(\.text)
        }
        #expect(publish(open, nil) == [])
        #expect(publish(end, 3) == [key.text])
        #expect(publish(burnRate(time: at(12)), 3, isPast: true) == [])
        #expect(book.past.map(\.transition) == [burnRate(time: at(12))])
        #expect(publish(burnRate(time: at(12)), 4) == ["\(key.text)/3"])
        #expect(book.past.isEmpty)
        #expect(book.open.map(\.epochs) == [[4]])
    }

    /// What is forgotten of alerts that ended stays in the feed, and nothing else of them.
    @Test func ofAlertsThatEndedTheLatestAreRemembered() {
        var book = KnownAlerts()
        for minute in 0..<Int64(3 * KnownAlerts.endingsMax) {
            let key = DedupKey(kind: "anomaly", name: "ports \(minute)")
            book.apply(transition(key: key, time: at(minute)))
            book.apply(transition(key: key, status: .resolved, time: at(minute)))
        }
        #expect(book.openCount == 0)
        #expect(book.endings.count == KnownAlerts.endingsMax)
        #expect(book.endings.first?.time == at(Int64(3 * KnownAlerts.endingsMax) - 1))
        #expect(book.endings.last?.time == at(Int64(2 * KnownAlerts.endingsMax)))
    }
}
