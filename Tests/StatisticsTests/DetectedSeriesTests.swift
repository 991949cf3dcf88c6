import Statistics
import Testing

@Suite struct DetectedSeriesTests {
    private static func terms(acceptAfter: Int, settleAfter: Int = 1) -> DetectedSeries.Terms {
        DetectedSeries.Terms(.ewma(.defaults), acceptAfter: acceptAfter, settleAfter: settleAfter)
    }

    /// A series of 20 values around 10.
    private static func calm(_ terms: DetectedSeries.Terms) -> DetectedSeries {
        var series = DetectedSeries(terms)
        for index in 0..<20 {
            let seen = series.observe(Double(10 + index % 2), terms)
            #expect(!seen.judgement.isFlagged && seen.judgement.isWarm == (index >= 10))
        }
        return series
    }

    @Test func whatIsFlaggedIsNotLearnt() {
        let terms = Self.terms(acceptAfter: 100)
        var series = Self.calm(terms)
        let before = series.usual
        for _ in 0..<99 {
            let seen = series.observe(500, terms)
            #expect(seen.judgement.isFlagged && seen.acceptedAfter == nil)
            #expect(series.usual == before)
        }
        #expect(series.deviation?.values == 99)
        #expect(!series.observe(10, terms).judgement.isFlagged)
        #expect(series.deviation == nil && series.usual != before)
    }

    @Test func aLastingChangeIsUsualAfterSoManyValues() {
        let terms = Self.terms(acceptAfter: 30)
        var series = Self.calm(terms)
        for index in 1...30 {
            let seen = series.observe(Double(500 + index % 2), terms)
            #expect(seen.judgement.isFlagged)
            #expect(seen.acceptedAfter == (index == 30 ? 30 : nil))
        }
        #expect(series.deviation == nil)
        #expect(!series.observe(500, terms).judgement.isFlagged)
        #expect(series.observe(10, terms).judgement.isFlagged, "what was usual before is no more")
    }

    /// A series that comes back now and then has not settled, and is a change when that goes on.
    @Test func aDeviationGoesOnUntilTheSeriesHasSettled() {
        for (settleAfter, isAccepted) in [(1, false), (2, false), (3, true)] {
            let terms = Self.terms(acceptAfter: 30, settleAfter: settleAfter)
            var series = Self.calm(terms)
            var accepted: [Int64] = []
            for index in 0..<40 {
                if let after = series.observe(index % 3 == 0 ? 500 : 10, terms).acceptedAfter { accepted.append(after) }
            }
            #expect(accepted == (isAccepted ? [31] : []), "\(settleAfter)")
        }
    }

    @Test func whatIsNoNumberChangesNothing() {
        let terms = Self.terms(acceptAfter: 30, settleAfter: 2)
        var series = Self.calm(terms)
        _ = series.observe(500, terms)
        let before = series
        #expect(series.observe(.nan, terms).judgement.score == 0)
        #expect(series == before)
    }
}
