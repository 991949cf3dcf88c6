import Alerting
import Statistics
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Signals

/// What a person is told of an anomaly.
@Suite struct AnomalySentenceTests {
    private func reason(
        _ cause: AnomalyCause, _ value: Double,
        _ judgement: Judgement = Judgement(expected: 4.1111111126730515, low: 0.25, high: 1234.5, score: 0.9)
    ) -> String {
        let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
        return AlertTransition(
            anomaly: AnomalyAlertTransition(
                change: .opened, cause: cause, monitor: "m", severity: "warning", group: [], window: time,
                openedAt: time, value: value, judgement: judgement, summary: "unusual"),
            windowNanoseconds: 60_000_000_000
        ).reason
    }

    @Test func numbersHaveThreeSignificantDigits() {
        #expect(
            reason(.unusual, 1500.4) == "The value 1,500 is unusual: 4.11 was expected, and 0.25 to 1,230 is usual.")
        #expect(reason(.usual, 0.000123456) == "The value 0.000123 is usual again: 0.25 to 1,230 is.")
        #expect(reason(.above(99.96), 1500) == "The value 1,500 is above the limit of 100.")
        #expect(reason(.below(2), 1.5) == "The value 1.5 is below the limit of 2.")
    }

    @Test func aValueThatNothingIsExpectedOfIsWithinTheLimits() {
        #expect(reason(.usual, 3, Judgement()) == "The value 3 is within the limits again.")
    }

    @Test func timesAreDurations() {
        #expect(
            reason(.accepted(windows: 120), 60)
                == "A lasting change: the value has been unusual for 2h, and is 60 now. This is taken as usual from now on; "
                + "before, 0.25 to 1,230 was.")
        #expect(reason(.gone(windows: 60), 0) == "No more records: there was none for 1h.")
    }
}
