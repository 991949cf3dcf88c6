import Testing

@testable import Alerting

/// What a person reads of an objective's burn rate.
@Suite struct BurnRateSentenceTests {
    private static let hour: Int64 = 3_600_000_000_000

    private func told(
        isFiring: Bool = true, rate: String? = "28.295696", left: String?, isGone: Bool = false, goneIn: Int64? = nil
    ) -> (summary: String, reason: String) {
        let transition = AlertTransition.objective(
            .init(
                objective: "checkout", service: "shop", alert: "page", severity: .critical, target: "0.999",
                confidence: "0.999", keepFiringFor: "5m"), isFiring: isFiring, time: at(5), openedAt: at(5),
            findings: [
                .burnRate(
                    factor: "14.4", long: .init(name: "1h", rate: rate, good: 25_172, total: 25_905),
                    short: .init(name: "5m", rate: "104.16666", good: 9, total: 10),
                    outlook: BudgetOutlook(left: left, isGone: isGone, goneIn: goneIn))
            ])
        return (transition.alert.summary, transition.reason)
    }

    @Test(arguments: [
        (25 * hour + hour / 2, "25 h"), (47 * hour, "47 h"), (48 * hour, "2 days"), (2 * hour, "2 h"),
        (2 * hour - 1, "119 min"), (hour / 30, "2 min"), (hour / 30 - 1, "119 s"), (0, "0 s"),
    ])
    func anAlertSaysHowFastItBurnsAndWhenTheBudgetIsGone(goneIn: Int64, text: String) {
        let told = told(left: "0.9751234", goneIn: goneIn)
        #expect(
            told.summary
                == "checkout: 28.3x the sustainable rate over 1h, 733 of 25,905 bad; the budget is gone in \(text)")
        #expect(
            told.reason
                == "The burn rate is 28.3 over 1h (733 of 25,905 bad) and 104 over 5m (1 of 10 bad), both above 14.4, "
                + "with a confidence of 0.999. 97.5 % of a whole window's budget is left.")
    }

    @Test func aBudgetThatIsGoneOrLastsOrIsNoneIsSaid() {
        let over = told(left: "-0.4021", isGone: true)
        #expect(over.summary.hasSuffix("733 of 25,905 bad; the budget is gone"))
        #expect(over.reason.hasSuffix(" A whole window's budget is overspent by 40.2 %."))
        #expect(told(left: "0", isGone: true).reason.hasSuffix(" Nothing of a whole window's budget is left."))
        #expect(told(left: "0.5").summary.hasSuffix("; the budget lasts"))
        let none = told(rate: nil, left: nil, isGone: true)
        #expect(
            none.summary
                == "checkout: nothing may fail, and something does, over 1h, 733 of 25,905 bad; the budget is gone")
        #expect(none.reason.hasSuffix(" There is no budget to spend."))
    }

    /// What is above a threshold does not read as the threshold.
    @Test(arguments: [
        ("14.4000001", "14.4000001"), ("14.41", "14.41"), ("14.449", "14.45"), ("14.46", "14.5"), ("14.4", "14.4"),
        ("0.000123456", "0.000123"), ("123456.7", "123,000"), ("170141183460469231731.5", "1.7e20"),
    ])
    func aRateHasTheDigitsThatTellItFromItsThreshold(rate: String, shown: String) {
        let told = told(rate: rate, left: "0.5")
        #expect(told.summary.hasPrefix("checkout: \(shown)x the sustainable rate over 1h, "))
        #expect(told.reason.hasPrefix("The burn rate is \(shown) over 1h (733 of 25,905 bad) and "))
    }

    @Test func countsAreExactHoweverLarge() {
        let finding = ObjectiveFinding.burnRate(
            factor: "1", long: .init(name: "1h", rate: "2", good: 0, total: 1),
            short: .init(name: "5m", rate: nil, good: 0, total: .max),
            outlook: BudgetOutlook(left: "0.000004", isGone: false, goneIn: .max))
        let sentences = finding.sentences
        #expect(
            sentences.summary
                == "2x the sustainable rate over 1h, 1 of 1 bad; the budget is gone in 106,751 days")
        let most = "170,141,183,460,469,231,731,687,303,715,884,105,727"
        #expect(
            sentences.holding
                == "the burn rate is 2 over 1h (1 of 1 bad) and past all numbers over 5m (\(most) of \(most) bad), "
                + "both above 1")
        #expect(sentences.remainder == "0.0004 % of a whole window's budget is left")
        let empty = ObjectiveFinding.BurnRateWindow(name: "5m", rate: nil, good: 0, total: 0)
        #expect(empty.sentence() == "unknown over 5m (0 of 0 bad)")
    }

    /// A budget that is gone has no time left, and one that lasts has no end.
    @Test func theDetailsHaveTheBudgetExactly() {
        func details(left: String?, isGone: Bool = false, goneIn: Int64? = nil) -> [AlertValue?] {
            let window = ObjectiveFinding.BurnRateWindow(name: "1h", rate: "20", good: 1, total: 2)
            let finding = ObjectiveFinding.burnRate(
                factor: "14.4", long: window, short: window,
                outlook: BudgetOutlook(left: left, isGone: isGone, goneIn: goneIn))
            return ["budget_left", "time_to_exhaustion"].map { finding.details[$0] }
        }
        #expect(details(left: "0.97512345", goneIn: 90_179_999_999_999) == [.number("0.97512345"), .text("1502m")])
        #expect(details(left: "-0.4021", isGone: true) == [.number("-0.4021"), .text("0s")])
        #expect(details(left: "0.5") == [.number("0.5"), .null])
        #expect(details(left: nil, isGone: true) == [.null, .text("0s")])
    }

    @Test func withoutKeepFiringForTheEndSaysNoTime() {
        let sentences = FindingSentences.noData(for: "30m")
        #expect(
            FindingSentences.reasonOfEnd([sentences, sentences], keptFor: nil)
                == "No condition holds any more: there are records again; there are records again.")
        #expect(
            FindingSentences.reasonOfOpening([sentences, sentences], confidence: nil)
                == "There is no record for 30m, and there is no record for 30m.")
    }

    /// Whichever of them opened it.
    @Test func theEndOfAnAlertWithSeveralConditionsNamesNoneOfThem() {
        func summary(_ findings: [ObjectiveFinding]) -> String {
            AlertTransition.objective(
                .init(
                    objective: "checkout", service: "shop", alert: "page", severity: .critical, target: "0.999",
                    confidence: "0.999", keepFiringFor: "5m"), isFiring: false, time: at(5), openedAt: at(1),
                findings: findings
            ).alert.summary
        }
        func burnRate(_ long: String) -> ObjectiveFinding {
            .burnRate(
                factor: "6", long: .init(name: long, rate: "1", good: 9, total: 10),
                short: .init(name: "5m", rate: "0", good: 9, total: 10),
                outlook: BudgetOutlook(left: "0.5", isGone: false, goneIn: nil))
        }
        let rest = "; 50 % of a whole window's budget is left"
        #expect(
            summary([burnRate("1h"), burnRate("6h")]) == "checkout: the error budget no longer burns too fast" + rest)
        #expect(summary([burnRate("1h"), .noData("30m")]) == "checkout: no condition holds any more" + rest)
        #expect(summary([.noData("30m"), .noData("2h")]) == "checkout: there is data again")
        #expect(summary([.noData("30m"), .budgetLeft("0.3", below: "0.2")]) == "checkout: no condition holds any more")
    }

    @Test func theEndSaysWhatIsLeft() {
        let told = told(isFiring: false, rate: "3.1", left: "0.12345")
        #expect(
            told.summary
                == "checkout: the error budget no longer burns too fast over 1h; 12.3 % of a whole window's budget is left"
        )
        #expect(
            told.reason
                == "For 5m no condition has held: the burn rate is 3.1 over 1h (733 of 25,905 bad) and 104 over 5m (1 of 10 bad), "
                + "not both above 14.4. 12.3 % of a whole window's budget is left.")
    }
}
