import Testing

@testable import Alerting

/// What a person reads of the conditions that a policy sets on an error budget.
@Suite struct ErrorBudgetSentenceTests {
    private static let window = ObjectiveFinding.BurnRateWindow(name: "6h", rate: "2.5", good: 997, total: 1998)

    @Test(arguments: [
        ("0.125", "12.5 % of the error budget is left"), ("0", "0 % of the error budget is left"),
        ("0.2499999", "24.99999 % of the error budget is left"), ("0.249", "24.9 % of the error budget is left"),
        ("0.00000012", "0.000012 % of the error budget is left"),
        (nil, "nothing of the error budget is left"),
    ])
    func whatIsLeftIsAPercentage(left: String?, sentence: String) {
        #expect(
            ObjectiveFinding.budgetLeft(left, below: "0.25").sentences
                == FindingSentences(
                    summary: sentence, summaryOfEnd: sentence, holding: "\(sentence), less than 25 %",
                    notHolding: "\(sentence), not less than 25 %"))
    }

    @Test(arguments: [("-0.402111", "40.2 %"), ("-2.75", "275 %"), ("-0.00000012", "0.000012 %")])
    func whatIsOverspentIsNotLeft(left: String, overspent: String) {
        let sentence = "the error budget is overspent by \(overspent)"
        #expect(
            ObjectiveFinding.budgetLeft(left, below: "0.25").sentences
                == FindingSentences(
                    summary: sentence, summaryOfEnd: sentence, holding: "\(sentence), less than 25 % is left",
                    notHolding: sentence))
        let gone = "the error budget is gone, overspent by \(overspent)"
        let whole = "at a burn rate of 2.5 over 6h (1,001 of 1,998 bad) \(gone)"
        #expect(
            ObjectiveFinding.timeToExhaustion("0s", below: "2d", budgetLeft: left, window: Self.window).sentences
                == FindingSentences(summary: gone, summaryOfEnd: gone, holding: whole, notHolding: whole))
    }

    @Test(arguments: [
        ("0.1", "10 % of the error budget was spent in 6h"), ("12.3456", "1,230 % of the error budget was spent in 6h"),
        ("0.0500001", "5.00001 % of the error budget was spent in 6h"),
        (nil, "nothing of the error budget was spent in 6h"),
    ])
    func whatWasSpentIsAPercentage(drop: String?, sentence: String) {
        #expect(
            ObjectiveFinding.budgetDrop(drop, above: "0.05", window: Self.window).sentences
                == FindingSentences(
                    summary: "\(sentence), 1,001 of 1,998 bad",
                    summaryOfEnd: "the error budget is no longer spent too fast in 6h",
                    endOfAll: "the error budget is no longer spent too fast",
                    holding: "\(sentence) (1,001 of 1,998 bad), more than 5 %",
                    notHolding: "\(sentence) (1,001 of 1,998 bad), not more than 5 %"))
    }

    @Test(arguments: [
        ("30h", "0.5", "30h", "50 %"), ("0s", "0", "0s", "0 %"), (nil, nil, "no foreseeable time", "nothing"),
        (nil, "0.9999", "no foreseeable time", "100 %"),
    ])
    func whenItIsGoneIsATime(time: String?, left: String?, shownTime: String, shownLeft: String) {
        let numbers =
            "at a burn rate of 2.5 over 6h (1,001 of 1,998 bad) what is left of the error budget (\(shownLeft)) is gone in "
            + shownTime
        #expect(
            ObjectiveFinding.timeToExhaustion(time, below: "2d", budgetLeft: left, window: Self.window).sentences
                == FindingSentences(
                    summary: "the error budget is gone in \(shownTime), \(shownLeft) of it is left",
                    summaryOfEnd: "the error budget is gone in \(shownTime)",
                    holding: "\(numbers), sooner than 2d", notHolding: "\(numbers), not sooner than 2d"))
    }
}

/// What a person reads of an objective of which nothing comes any more.
@Suite struct NoDataSentenceTests {
    @Test func silenceSaysHowLong() {
        #expect(
            ObjectiveFinding.noData("30m").sentences
                == FindingSentences(
                    summary: "no data for 30m", summaryOfEnd: "there is data again", endOfAll: "there is data again",
                    holding: "there is no record for 30m", notHolding: "there are records again"))
    }
}
