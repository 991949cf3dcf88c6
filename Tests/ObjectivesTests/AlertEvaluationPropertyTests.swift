import Statistics
import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

/// The ledger against a reference that looks at every slice for every question, with floating point nowhere in either.
@Suite struct AlertEvaluationPropertyTests {
    private struct Reference {
        var terms: ObjectiveTerms
        var alerts: [ObjectiveAlert]
        var slices: [Int64: (good: Int64, total: Int64)] = [:]
        var firing: [Bool]

        /// Bad and best, by OpenSLO's definitions; ratios in a common denominator of all totals up to 12.
        func sums(_ range: Range<Int64>) -> (bad: Int128, best: Int128) {
            let common: Int128 = 27_720
            var (bad, best) = (Int128(0), Int128(0))
            for (slice, counts) in slices where range.contains(slice) && counts.total > 0 {
                switch terms.method {
                case .occurrences:
                    bad += Int128(counts.total - counts.good)
                    best += Int128(counts.total)
                case .timeslices(let target, _):
                    let isGood = Ratio(counts.good, counts.total) >= target
                    bad += isGood ? 0 : 1
                    // Unknown slices are neither, and yet a part of the window.
                    best = Int128(range.count)
                case .ratioTimeslices:
                    bad += common * Int128(counts.total - counts.good) / Int128(counts.total)
                    best += common
                }
            }
            return (bad, best)
        }

        /// Whether the burn rates hold, by the counts alone or with confidence.
        func holds(_ alert: ObjectiveAlert, end: Int64, confident: Bool) -> Bool {
            guard case .burnRate(let factor, let long, let short) = alert.condition else { return false }
            let budget = terms.target.complement
            func count(_ lookback: Int64) -> Int64 {
                (lookback + terms.method.sliceNanoseconds - 1) / terms.method.sliceNanoseconds
            }
            for lookback in [long, short] {
                let (bad, best) = sums(end - count(lookback)..<end)
                let isAbove =
                    bad * Int128(factor.denominator) * Int128(budget.denominator)
                    > best * Int128(factor.numerator) * Int128(budget.numerator)
                if !isAbove { return false }
            }
            guard confident else { return true }
            let counted = min(count(long), end - (slices.keys.min() ?? end))
            if counted < count(short) { return false }
            let share = (
                Int128(factor.numerator) * Int128(budget.numerator),
                Int128(factor.denominator) * Int128(budget.denominator)
            )
            var weighted = share
            if case .timeslices = terms.method {
            } else {
                weighted = (share.0 * Int128(count(long)), share.1 * Int128(counted))
            }
            func isAbove(_ share: (Int128, Int128), _ lookback: Int64, chance: Ratio?) -> Bool {
                var (bad, best) = sums(end - count(lookback)..<end)
                if bad * share.1 <= best * share.0 { return false }
                guard let chance else { return true }
                if case .ratioTimeslices = terms.method { (bad, best) = ((bad + 13_860) / 27_720, best / 27_720) }
                return BinomialTest(significance: Double(chance.numerator) / Double(chance.denominator))
                    .isAbove(share.0, share.1, bad: bad, of: best)
            }
            let chance = alert.confidence.complement
            var ongoing: Ratio? = max(Ratio(1, 100), alert.confidence.complement)
            if terms.method != .occurrences {
                let known = (end - count(short)..<end).compactMap { slices[$0] }.filter { $0.total > 0 }
                var isAllBad = known.count == Int(count(short))
                if case .timeslices(let target, _) = terms.method {
                    isAllBad = isAllBad && known.allSatisfy { Ratio($0.good, $0.total) < target }
                } else {
                    let bad = (sums(end - count(short)..<end).bad + 13_860) / 27_720
                    isAllBad = isAllBad && bad == Int128(known.count)
                }
                ongoing = isAllBad ? nil : Ratio(1, 20)
            }
            return isAbove(weighted, long, chance: nil) && isAbove(share, short, chance: ongoing)
                && (isAbove(share, short, chance: chance) || isAbove(weighted, long, chance: chance))
        }

        mutating func judge(end: Int64) -> [String] {
            guard let last = slices[end - 1], last.total > 0 else { return [] }
            var changes: [String] = []
            for (place, alert) in alerts.enumerated() {
                let keep = max(1, alert.keepFiringForNanoseconds / terms.method.sliceNanoseconds)
                let isFiring =
                    firing[place]
                    ? (end - keep + 1...end).contains { time in
                        (slices[time - 1]?.total ?? 0) > 0 && holds(alert, end: time, confident: false)
                    } : holds(alert, end: end, confident: true)
                if isFiring != firing[place] { changes.append("\(alert.name) \(isFiring) \(end)") }
                firing[place] = isFiring
            }
            return changes
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func transitionsAndSumsEqualTheReference(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let methods: [BudgetingMethod] = [
            .occurrences, .timeslices(target: Ratio(3, 4), windowNanoseconds: minute),
            .ratioTimeslices(windowNanoseconds: minute),
        ]
        for method in methods {
            let alerts = [
                alert(
                    Ratio(2, 1), long: 90 * minute, short: 7 * minute, confidence: Ratio(99, 100), name: "a",
                    keep: 9 * minute),
                alert(Ratio(1, 1), long: 200 * minute, short: 61 * minute, name: "b"),
                alert(Ratio(4, 1), long: 5 * minute, short: minute, name: "c", keep: 2 * minute),
            ]
            var ledger = ObjectiveLedger(
                terms: terms(window: 3 * hour, method: method, target: Ratio(4, 5)), alerts: alerts)
            var reference = Reference(terms: ledger.terms, alerts: alerts, firing: [false, false, false])
            let first = ledger.grid.slice(holding: at(0))
            var (found, expected): ([String], [String]) = ([], [])
            var closed: Int64 = 0
            var failing = false
            for step in 0..<600 as Range<Int64> {
                if Int.random(in: 0..<40, using: &random) == 0 { failing.toggle() }
                // Some slices stay empty, some come late, some are restated.
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let slice = max(0, step - Int64.random(in: 0...3, using: &random))
                    let total = Int64.random(in: 1...12, using: &random)
                    let good = failing ? Int64.random(in: 0...total / 2, using: &random) : total
                    try ledger.set(SliceCounts(good: good, total: total), at: at(slice))
                    reference.slices[first + slice] = (good, total)
                }
                // Closed a few at a time, however many that are.
                if Int.random(in: 0..<4, using: &random) == 0 {
                    found += ledger.evaluate(through: at(step)).map {
                        "\($0.alert.name) \($0.isFiring) \(ledger.grid.slice(holding: $0.time))"
                    }
                    while closed < step {
                        closed += 1
                        expected += reference.judge(end: first + closed)
                    }
                }
            }
            #expect(found == expected)
            // A test in which nothing fires would prove nothing.
            #expect(expected.count > 1)
            for _ in 0..<50 {
                let low = first + Int64.random(in: -10...610, using: &random)
                let range = low..<low + Int64.random(in: 0...300, using: &random)
                let (bad, best) = reference.sums(range)
                let badness = ledger.terms.badness(ledger.tally(range))?.decimal(fractionDigitsMax: 15)
                #expect(badness == (best > 0 ? ExactFraction(bad, best).decimal(fractionDigitsMax: 15) : nil))
            }
        }
    }
}
