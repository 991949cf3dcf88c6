import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct AlertEvaluationTests {
    /// Target 90 %, factor 5, 10 min and 2 min: fires above 50 % bad in both.
    private func ledger(confidence: Ratio = Ratio(9, 10), keep: Int64 = 0) -> ObjectiveLedger {
        ObjectiveLedger(
            terms: terms(target: Ratio(9, 10)),
            alerts: [
                alert(Ratio(5, 1), long: 10 * minute, short: 2 * minute, confidence: confidence, keep: keep)
            ])
    }

    private func ledgerWithDefaults(_ target: Ratio = Ratio(999, 1000)) -> ObjectiveLedger {
        ObjectiveLedger(terms: terms(target: target), alerts: ObjectiveAlert.defaults(window: 30 * day, target: target))
    }

    @Test func opensOnceBothLookBacksBurnAndResolvesWhenTheShortOneStops() throws {
        var ledger = ledger()
        try ledger.fill(0..<10, good: 10, total: 10)
        try ledger.fill(10..<20, good: 0, total: 10)
        try ledger.fill(20..<30, good: 10, total: 10)
        let transitions = ledger.evaluate(through: at(30))
        #expect(transitions.map(\.isFiring) == [true, false])
        // 50 of 100 are bad at minute 15, which is the factor and not above it; 60 of 100 at minute 16.
        #expect(transitions[0].time == at(16))
        guard case .burnRate(_, let long, let short, _) = transitions[0].findings.first else {
            return #expect(Bool(false))
        }
        #expect(long.text == "6")
        #expect((long.good, long.total) == (40, 100))
        #expect(short.text == "10")
        // At minute 21 half of the short look-back is bad: at the factor, hence no longer above it.
        #expect(transitions[1].time == at(21))
        #expect(transitions[1].firingSince == at(16))
        guard case .burnRate(_, _, let last, _) = transitions[1].findings.first else { return #expect(Bool(false)) }
        #expect(last.text == "5")
    }

    @Test func whatChanceBringsAboutDoesNotOpen() throws {
        // 2.3263 deviations of 500 above half of a million are 1 %.
        for (bad, opens) in [(500_001, false), (501_160, false), (501_168, true)] as [(Int64, Bool)] {
            var ledger = ledger(confidence: Ratio(99, 100))
            try ledger.set(SliceCounts(good: 1, total: 1), at: at(0))
            try ledger.set(SliceCounts(good: 999_999 - bad, total: 999_999), at: at(9))
            #expect(!ledger.evaluate(through: at(10)).isEmpty == opens, "\(bad)")
        }
    }

    @Test func fewRecordsPageNobodyAndFailuresOfAllDo() throws {
        for (bad, total, opens) in [(1, 1, false), (1, 3, false), (2, 3, true), (2, 12, false), (3, 12, true)]
            as [(Int64, Int64, Bool)]
        {
            var ledger = ObjectiveLedger(
                terms: terms(target: Ratio(999, 1000)),
                alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)).filter { $0.name == "page" }
            )
            ledger.note(SourceSpan(source: .file(name: "f"), first: 0, last: 0), at: at(0))
            try ledger.set(SliceCounts(good: total - bad, total: total), at: at(600))
            // All in one minute, of which the slow condition sees the more: 6 × 0.1 %.
            #expect(!ledger.evaluate(through: at(601)).isEmpty == opens, "\(bad) of \(total)")
        }
    }

    @Test func confidenceIsThePolicys() throws {
        for (confidence, opens) in [(Ratio(99, 100), true), (Ratio(9999, 10_000), false)] {
            var ledger = ledger(confidence: confidence)
            try ledger.set(SliceCounts(good: 0, total: 1), at: at(0))
            try ledger.set(SliceCounts(good: 0, total: 7), at: at(9))
            // 1/2^8 is the chance of eight in a row, where each may as well be good.
            #expect(!ledger.evaluate(through: at(10)).isEmpty == opens)
        }
    }

    @Test func silenceChangesNothing() throws {
        var ledger = ledger()
        try ledger.fill(0..<10, good: 0, total: 10)
        #expect(ledger.evaluate(through: at(10)).map(\.isFiring) == [true])
        let since = ledger.evaluation.firingSince
        #expect(ledger.evaluate(through: at(500)).isEmpty)
        #expect(ledger.evaluation.firingSince == since)
        try ledger.set(SliceCounts(good: 10, total: 10), at: at(600))
        let transitions = ledger.evaluate(through: at(601))
        #expect(transitions.map(\.isFiring) == [false])
        #expect(transitions[0].firingSince == since[0])
    }

    @Test func openSlicesAreNotJudgedAndClosedOnesOnlyOnce() throws {
        var ledger = ledger()
        try ledger.set(SliceCounts(good: 10, total: 10), at: at(-10))
        try ledger.set(SliceCounts(good: 0, total: 100), at: at(0))
        #expect(ledger.evaluate(through: at(1).advanced(by: -1)).isEmpty)
        #expect(ledger.evaluate(through: at(1)).count == 1)
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        #expect(ledger.evaluate(through: at(0)).isEmpty)
        // Restated later: the counts change, what was announced does not.
        try ledger.set(SliceCounts(good: 100, total: 100), at: at(0))
        #expect(ledger.evaluate(through: at(1)).isEmpty)
        #expect(ledger.reportEntry(at: at(1)).good == 110)
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        var before = ledger(keep: 3 * minute)
        try before.fill(0..<10, good: 0, total: 10)
        try before.fill(10..<12, good: 10, total: 10)
        let opened = before.evaluate(through: at(12))
        #expect(opened.map(\.isFiring) == [true])
        var after = ledger(keep: 3 * minute)
        for record in before.records { after.restore(record) }
        after.evaluation.evaluatedEnd = before.evaluation.evaluatedEnd
        let known = [
            after.restoreFiring(alert: "page", since: opened[0].time), after.restoreFiring(alert: "none", since: at(1)),
        ]
        #expect(known == [true, false])
        #expect(after.evaluation == before.evaluation)
        for ledger in [before, after] {
            var ledger = ledger
            try ledger.fill(12..<20, good: 10, total: 10)
            // Not above since the end of minute 10, and so for three minutes at the end of minute 13.
            #expect(ledger.evaluate(through: at(20)).map(\.time) == [at(13)])
        }
    }

    @Test func aTargetOfOneFiresAtTheFirstFailure() throws {
        var ledger = ObjectiveLedger(
            terms: terms(target: .one), alerts: [alert(Ratio(72, 5), long: hour, short: 5 * minute)])
        try ledger.fill(0..<10, good: 1000, total: 1000)
        #expect(ledger.evaluate(through: at(10)).isEmpty)
        try ledger.set(SliceCounts(good: 999, total: 1000), at: at(10))
        #expect(ledger.evaluate(through: at(11)).map(\.isFiring) == [true])
    }

    @Test func timeslicesBurnBySlices() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
        var ledger = ObjectiveLedger(
            terms: terms(method: method, target: Ratio(9, 10)),
            alerts: [alert(Ratio(5, 1), long: 10 * minute, short: 5 * minute)])
        // A slice with 11 % bad is as bad as one with all bad.
        try ledger.fill(0..<10, good: 89, total: 100)
        let transitions = ledger.evaluate(through: at(10))
        // Of ten slices, of which those before the first are unknown, six are above half; five in a row are so by more than chance.
        try #require(transitions.map(\.time) == [at(6)])
        guard case .burnRate(_, let long, _, _) = transitions[0].findings.first else { return #expect(Bool(false)) }
        #expect(long.text == "6")
        #expect((long.good, long.bad, long.total) == (0, 6, 10))
    }

    /// At a target of 95 % a page asks for more than 72 % of the short look-back: all of five slices bad is no more than chance would allow, and all.
    @Test func anOutageOfAllSlicesPagesHoweverHighTheThresholdIs() throws {
        let method = BudgetingMethod.timeslices(target: Ratio(9, 10), windowNanoseconds: minute)
        var ledger = ObjectiveLedger(
            terms: terms(method: method, target: Ratio(95, 100)),
            alerts: [alert(Ratio(72, 5), long: hour, short: 5 * minute)])
        try ledger.fill(0..<60, good: 0, total: 1)
        // 57 of 60, the first of these with more than chance.
        #expect(ledger.evaluate(through: at(60)).map(\.isFiring) == [true])
        try ledger.fill(60..<61, good: 1, total: 1)
        #expect(ledger.evaluate(through: at(61)).isEmpty)
    }

    /// One of 1667 is within a budget of 99.99 %, and one of one is not, with a confidence of 0.9994; it pages nobody all the same.
    @Test(arguments: [(1 as Int64, 1 as Int64, false), (2, 2, true), (2, 3, true), (1, 400, false)])
    func oneFailurePagesNobody(bad: Int64, total: Int64, pages: Bool) throws {
        var ledger = ledgerWithDefaults(Ratio(9999, 10000))
        try ledger.fill(-4 * 1440..<0, good: 1, total: 1)
        try ledger.set(SliceCounts(good: total - bad, total: total), at: at(0))
        #expect(ledger.evaluate(through: at(1)).map(\.alert.name) == (pages ? ["page"] : []))
    }

    @Test(arguments: [Ratio(8, 10), Ratio(1, 2), Ratio(95, 100), Ratio(999, 1000), .one])
    func aTotalOutagePagesForEachTarget(target: Ratio) throws {
        for window in [7 * day, 30 * day, 400 * day] {
            var ledger = ObjectiveLedger(
                terms: terms(window: window, target: target),
                alerts: ObjectiveAlert.defaults(window: window, target: target))
            try ledger.fill(-4 * 1440..<0, good: 20, total: 20)
            try ledger.fill(0..<180, good: 0, total: 20)
            #expect(ledger.evaluate(through: at(180)).contains { $0.alert.name == "page" }, "\(window)")
        }
    }

    /// A look-back of one slice holds no whole bad one before all of it fails.
    @Test func slicesThatAreNearlyAllBadPage() throws {
        var ledger = ObjectiveLedger(
            terms: terms(method: .ratioTimeslices(windowNanoseconds: hour), target: Ratio(999, 1000)),
            alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)).map {
                $0.roundedUp(toSlices: hour)
            })
        for step in -96..<0 as Range<Int64> { try ledger.set(SliceCounts(good: 1000, total: 1000), at: at(step * 60)) }
        for step in 0..<6 as Range<Int64> { try ledger.set(SliceCounts(good: 10, total: 1000), at: at(step * 60)) }
        let page = ledger.evaluate(through: at(360)).first { $0.alert.name == "page" }
        #expect(page?.time == at(120))
    }

    /// For three days after an outage the ticket's long look-back burns; one failure more is no second ticket.
    @Test func aFailureAfterAnOutageIsNoSecondTicket() throws {
        var ledger = ledgerWithDefaults()
        try ledger.fill(-4 * 1440..<0, good: 2, total: 2)
        try ledger.fill(0..<60, good: 0, total: 2)
        try ledger.fill(60..<2 * 1440, good: 2, total: 2)
        try ledger.set(SliceCounts(good: 1, total: 2), at: at(1440))
        let transitions = ledger.evaluate(through: at(2 * 1440))
        #expect(
            transitions.map { "\($0.alert.name) \($0.isFiring)" } == [
                "page true", "page false", "ticket true", "ticket false",
            ])
    }

    // MARK: Before all of a look-back is counted

    /// A total outage from the first record on, and one behind an hour of health.
    @Test func aNewObjectivePagesForWhatAnOldOneWould() throws {
        for began in [0, -7 * 24 * 60] as [Int64] {
            var ledger = ledgerWithDefaults()
            try ledger.fill(began..<0, good: 100, total: 100)
            try ledger.fill(0..<30, good: 0, total: 100)
            let page = ledger.evaluate(through: at(30)).filter { $0.isFiring && $0.alert.name == "page" }
            // 14.4 × 0.1 % of an hour are 52 s; and the short look-back must have been counted.
            #expect(page.map(\.time) == [at(began == 0 ? 5 : 1)])
        }
    }

    @Test func nothingIsSaidOverThreeDaysFromAMinute() throws {
        var ledger = ObjectiveLedger(
            terms: terms(target: Ratio(999, 1000)),
            alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)).filter { $0.name == "ticket" })
        // Twice as fast as the budget allows, for three days.
        try ledger.fill(0..<3 * 1440, good: 998, total: 1000)
        let tickets = ledger.evaluate(through: at(3 * 1440))
        // Half of three days spend what three days may.
        #expect(tickets.count == 1)
        #expect(tickets[0].time > at(36 * 60) && tickets[0].time < at(40 * 60), "\(tickets[0].time)")
    }

    // MARK: One incident for one trouble

    @Test func anHourOfOutageIsOnePageAndThenOneTicket() throws {
        var ledger = ledgerWithDefaults()
        try ledger.fill(-4 * 1440..<0, good: 100, total: 100)
        try ledger.fill(0..<60, good: 0, total: 100)
        try ledger.fill(60..<4 * 1440, good: 100, total: 100)
        let transitions = ledger.evaluate(through: at(4 * 1440))
        #expect(
            transitions.map { "\($0.alert.name) \($0.isFiring)" } == [
                "page true", "page false", "ticket true", "ticket false",
            ])
        // 30 min after its end no record of it is in the short look-back of the page, and 5 min are kept.
        #expect(transitions[1].time == at(60 + 30 + 4))
        // The ticket had to wait for the page.
        #expect(transitions[2].time == transitions[1].time)
    }

    @Test func aTicketThatIsOpenStaysSo() throws {
        var ledger = ledgerWithDefaults()
        // A slow burn, then an outage.
        try ledger.fill(0..<3 * 1440, good: 498, total: 500)
        try ledger.fill(3 * 1440..<3 * 1440 + 30, good: 0, total: 500)
        let transitions = ledger.evaluate(through: at(3 * 1440 + 30))
        #expect(transitions.map { "\($0.alert.name) \($0.isFiring)" } == ["ticket true", "page true"])
    }

    @Test func conditionsOfAFormerReleaseAreTakenForTheAlertTheyAreAPartOf() throws {
        var ledger = ObjectiveLedger(
            terms: terms(), alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)))
        for (name, time) in [("page-slow", 9), ("page-quick", 4), ("ticket-slow", 2)] as [(String, Int64)] {
            let isKnown = ledger.restoreFiring(alert: name, since: at(time))
            #expect(isKnown)
        }
        #expect(ledger.evaluation.firingSince == [at(4), at(2)])
    }
}
