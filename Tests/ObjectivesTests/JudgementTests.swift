import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// Slices that are judged twice, by what had arrived.
@Suite struct JudgementTests {
    private static let second: Int64 = 1_000_000_000

    /// Target 90 %, factor 5, 10 min and 2 min: fires above 50 % bad in both.
    private func ledger(lateness: Int64 = 15, isProvisional: Bool = true) -> ObjectiveLedger {
        var ledger = ObjectiveLedger(
            terms: terms(target: Ratio(9, 10)),
            alerts: [alert(Ratio(5, 1), long: 10 * minute, short: 2 * minute, confidence: Ratio(9, 10), keep: 0)])
        ledger.judgement = JudgementTerms(
            latenessNanoseconds: lateness * minute, opensProvisionally: isProvisional)
        return ledger
    }

    private func delta(_ slice: Int64, bad: Int64, of total: Int64 = 10, arrival: Int64? = nil) -> SliceDelta {
        SliceDelta(start: at(slice), good: total - bad, total: total, arrival: arrival.map { at($0) })
    }

    /// Minutes of health, an outage, and health again, all in time.
    private func fill(_ ledger: inout ObjectiveLedger) {
        for slice in 0..<60 {
            ledger.apply([delta(Int64(slice), bad: (10..<20).contains(slice) ? 10 : 0)], stamp: Int64(slice))
        }
    }

    @Test func opensAtTheSlicesEndAndResolvesWhenWhatIsLateIsThere() {
        var ledger = ledger()
        fill(&ledger)
        #expect(ledger.evaluate(through: at(15)).isEmpty)
        let opened = ledger.evaluate(through: at(16))
        #expect(opened.map(\.isFiring) == [true] && opened.map(\.time) == [at(16)])
        // Judged once it would be over at minute 21.
        #expect(ledger.evaluate(through: at(35)).isEmpty)
        let resolved = ledger.evaluate(through: at(36))
        #expect(resolved.map(\.time) == [at(36)] && resolved.map(\.sliceEnd) == [at(21)])
        #expect(ledger.evaluate(through: at(200)).isEmpty)
    }

    @Test(arguments: [1, 7, 200] as [Int64]) func howOftenItIsAskedChangesNothing(step: Int64) {
        var ledger = ledger()
        fill(&ledger)
        let times = stride(from: step, through: 200, by: Int64.Stride(step)).flatMap { minute in
            ledger.evaluate(through: at(minute)).map { [$0.time, $0.sliceEnd] }
        }
        #expect(times == [[at(16), at(16)], [at(36), at(21)]])
    }

    @Test func whatJoinsSeveralSeriesWaitsForTheFinalJudgement() {
        var ledger = ledger(lateness: 3, isProvisional: false)
        fill(&ledger)
        let transitions = ledger.evaluate(through: at(200))
        #expect(transitions.map(\.time) == [at(19), at(24)] && transitions.map(\.sliceEnd) == [at(16), at(21)])
    }

    /// Good records of the outage's minutes come later: no judgement of before has them, and each from then on.
    @Test func aJudgementLeavesOutWhatArrivedLater() {
        for (arrival, opens) in [(15, false), (16, true), (40, true)] as [(Int64, Bool)] {
            var ledger = ledger()
            fill(&ledger)
            for slice in 10..<20 as Range<Int64> {
                ledger.apply(
                    [delta(slice, bad: 0, of: 100, arrival: max(slice + 1, arrival))], stamp: 100 + slice,
                    latenessNanoseconds: 15 * minute)
            }
            let transitions = ledger.evaluate(through: at(200))
            #expect(transitions.first.map(\.isFiring) == (opens ? true : nil), "\(arrival)")
            #expect((10..<20).allSatisfy { ledger.counts(at: at($0)).total == 110 }, "sums have it at once")
        }
    }

    /// Final judgements of slices before have it, as it arrived within their lateness; but not after it.
    @Test func aFinalJudgementTakesWhatArrivedWithinTheLateness() {
        func transitions(arrival: Int64) -> [Timestamp] {
            var ledger = ledger(isProvisional: false)
            fill(&ledger)
            ledger.apply(
                [delta(14, bad: 0, of: 1000, arrival: arrival)], stamp: 100, latenessNanoseconds: 15 * minute)
            return ledger.evaluate(through: at(200)).map(\.sliceEnd)
        }
        #expect(transitions(arrival: 29) == [], "it is in all from minute 15 on")
        #expect(transitions(arrival: 32) == [at(16), at(18)], "it is in those from minute 18 on")
        #expect(transitions(arrival: 36) == [at(16), at(21)])
    }

    @Test func whatArrivedLaterJoinsTheRestWhenTheLogHasComeThere() {
        var ledger = ledger()
        fill(&ledger)
        ledger.apply([delta(5, bad: 0, arrival: 30)], stamp: 100, latenessNanoseconds: 15 * minute)
        ledger.apply([delta(5, bad: 0, arrival: 30)], stamp: 101, latenessNanoseconds: 5 * minute)
        _ = ledger.evaluate(through: at(29))
        #expect(ledger.later.count == 2)
        _ = ledger.evaluate(through: at(30))
        #expect(ledger.later.map(\.lateness) == [5], "a final judgement waits for an input that is later still")
        _ = ledger.evaluate(through: at(40))
        #expect(ledger.later.isEmpty)
    }

    @Test func atTheBoundWhatArrivedFirstJoinsWhatArrivedNext() {
        var ledger = ledger()
        let count = Int64(LaterCounts.arrivalsMax)
        for arrival in 1...count + 2 {
            ledger.apply([delta(0, bad: 1, arrival: arrival)], stamp: arrival, latenessNanoseconds: 15 * minute)
        }
        #expect(
            ledger.later.map { $0.arrival - $0.slice } == Array(3...count + 2) && ledger.later.first?.counts.total == 30
        )
        #expect(ledger.unjudged.merged == 30 && ledger.counts(at: at(0)).total == 10 * (count + 2))
    }

    @Test func countsWhatComesBehindAJudgement() {
        var ledger = ledger()
        fill(&ledger)
        _ = ledger.evaluate(through: at(30))
        ledger.apply([delta(31, bad: 0), delta(10, bad: 0, arrival: 30)], stamp: 100, latenessNanoseconds: 15 * minute)
        #expect(ledger.unjudged.missed == 0)
        ledger.apply([delta(29, bad: 0), delta(10, bad: 0, arrival: 29)], stamp: 101, latenessNanoseconds: 15 * minute)
        #expect(ledger.unjudged.missed == 20)
    }

    // MARK: Restart

    /// Dies behind each minute, with windows that are as far as the log.
    @Test func aRestartChangesNothing() throws {
        for death in 0..<60 as Range<Int64> {
            var (before, after) = (ledger(), ledger())
            for slice in 0..<60 as Range<Int64> {
                let isBad = (10..<20).contains(slice)
                before.apply(
                    [delta(slice, bad: isBad ? 10 : 0), delta(slice, bad: 0, of: 40, arrival: slice + 9)], stamp: slice,
                    latenessNanoseconds: 15 * minute)
            }
            var uninterrupted = before
            let expected = uninterrupted.evaluate(through: at(200))
            #expect(expected.map(\.isFiring) == [true, false])
            var found = before.evaluate(through: at(death))
            for record in before.records {
                let copy = try WindowRecord(json: record.json)
                #expect(copy == record)
                let isTaken = after.adopt(copy)
                #expect(isTaken)
            }
            after.restoreDecided(through: at(death))
            if let since = before.evaluation.firingSince[0] {
                after.restoreFiring(
                    alert: ObjectiveAlert.page, since: since,
                    burningEnd: before.burningEnd(ofAlert: ObjectiveAlert.page))
            }
            found += after.evaluate(through: at(200))
            #expect(found == expected, "\(death)")
        }
    }

    // MARK: From an outage to its page

    /// How slices are judged, and seconds from the first failure of a total outage to its page: at least and at most, over all seconds
    /// of a slice in which it may begin.
    struct Course: Sendable {
        let method: BudgetingMethod
        var lateness: Int64 = 15
        var isProvisional = true
        var perMinute: Int64 = 100
        let seconds: ClosedRange<Int64>
    }

    private static func timeslices(_ minutes: Int64) -> BudgetingMethod {
        .timeslices(target: Ratio(95, 100), windowNanoseconds: minutes * minute)
    }

    /// As docs/alerting.md has them. 14.4 times 0.1 % of an hour are 52 s, which at 100 records a minute are 87 of them.
    private static let courses = [
        Course(method: .occurrences, seconds: 53...112),
        Course(method: .occurrences, perMinute: 6000, seconds: 52...111),
        Course(method: .occurrences, lateness: 3, isProvisional: false, seconds: 233...292),
        Course(method: .occurrences, isProvisional: false, seconds: 953...1012),
        Course(method: timeslices(1), seconds: 124...183),
        Course(method: timeslices(5), seconds: 316...615),
    ]

    private func delay(_ course: Course, second: Int64, behind health: ObjectiveLedger) -> Int64? {
        var ledger = health
        let began = 480 * 60 + second
        for minute in 480..<520 as Range<Int64> {
            // Evenly spread over the minute, from its first instant on.
            let good = min(course.perMinute, max(0, ((began - minute * 60) * course.perMinute + 59) / 60))
            ledger.apply([delta(minute, bad: course.perMinute - good, of: course.perMinute)], stamp: minute)
        }
        let page = ledger.evaluate(through: at(520)).first { $0.isFiring && $0.alert.name == ObjectiveAlert.page }
        return page.map { ($0.time.nanoseconds - at(0).nanoseconds) / Self.second - began }
    }

    @Test(arguments: courses) func aTotalOutagePages(_ course: Course) throws {
        let slice = course.method.sliceNanoseconds
        var health = ObjectiveLedger(
            terms: terms(method: course.method, target: Ratio(999, 1000)),
            alerts: ObjectiveAlert.defaults(window: 30 * day, target: Ratio(999, 1000)).map {
                $0.roundedUp(toSlices: slice)
            })
        health.judgement = JudgementTerms(
            latenessNanoseconds: course.lateness * minute, opensProvisionally: course.isProvisional)
        for minute in 0..<480 as Range<Int64> {
            health.apply([delta(minute, bad: 0, of: course.perMinute)], stamp: minute)
        }
        #expect(health.evaluate(through: at(480)).isEmpty)
        let delays = try (0..<slice / Self.second).map { try #require(delay(course, second: $0, behind: health)) }
        #expect(delays.min() == course.seconds.lowerBound)
        #expect(delays.max() == course.seconds.upperBound)
    }
}
