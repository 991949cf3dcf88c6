import Alerting
import Statistics
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Signals

/// What a person reads of an anomaly.
@Suite struct AnomalySentenceTests {
    private func transition(
        _ cause: AnomalyCause, _ value: Double,
        _ judgement: Judgement = Judgement(expected: 4.1111111126730515, low: 0.25, high: 1234.5, score: 0.9),
        direction: AnomalyAlertDefinition.Direction = .both, peers: Int? = nil
    ) -> AlertTransition {
        let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
        return AlertTransition(
            anomaly: AnomalyAlertTransition(
                change: .opened, cause: cause, monitor: "m", severity: "warning", direction: direction,
                group: [], window: time,
                openedAt: time, value: value, judgement: judgement, peers: peers, summary: "unusual"),
            windowNanoseconds: 60_000_000_000)
    }

    private func reason(
        _ cause: AnomalyCause, _ value: Double,
        _ judgement: Judgement = Judgement(expected: 4.1111111126730515, low: 0.25, high: 1234.5, score: 0.9),
        direction: AnomalyAlertDefinition.Direction = .both, peers: Int? = nil
    ) -> String { transition(cause, value, judgement, direction: direction, peers: peers).reason }

    @Test func theDetailsNameTheLimitWhereThereIsOneAndTheOthers() {
        let usual = Set(["window_start", "value", "expected", "low", "high", "score"])
        #expect(Set(transition(.unusual, 7).alert.details.keys) == usual)
        let above = transition(.above(99.96), 1500).alert.details
        #expect(Set(above.keys) == usual.union(["limit"]) && above["limit"] == .number(99.96))
        #expect(transition(.unusual, 7, peers: 12).alert.details["peers"] == .integer(12))
    }

    @Test func numbersHaveThreeSignificantDigits() {
        #expect(
            reason(.unusual, 1500.4) == "The value 1,500 is unusual: 4.11 was expected, and 0.25 to 1,230 is usual.")
        #expect(reason(.usual, 0.000123456) == "The value 0.000123 is usual again: 0.25 to 1,230 is.")
        #expect(reason(.above(99.96), 1500) == "The value 1,500 is above the limit of 100.")
        #expect(reason(.below(2), 1.5) == "The value 1.5 is below the limit of 2.")
    }

    @Test func oneSideOfWhatIsUsualIsSaidWhereOneAlerts() {
        let judgement = Judgement(expected: 7.01, low: -23, high: 37, score: 0.9)
        #expect(
            reason(.unusual, 702, judgement, direction: .up)
                == "The value 702 is unusual: 7.01 was expected, and up to 37 is usual.")
        #expect(reason(.usual, 11, judgement, direction: .up) == "The value 11 is usual again: up to 37 is.")
        #expect(
            reason(.unusual, -40, judgement, direction: .down)
                == "The value -40 is unusual: 7.01 was expected, and -23 or more is usual.")
        #expect(
            reason(.unusual, 0, Judgement(expected: 60, low: 60, high: 60, score: 0.9))
                == "The value 0 is unusual: 60 was expected, and 60 is usual.")
    }

    @Test func whatHasNoValueAnyMoreIsSaidToHaveNone() {
        #expect(reason(.valueless(windows: 61), .nan) == "No more records with a value: there was none for 61m.")
    }

    @Test func aNewGroupIsSaidToBeJudgedAgainstOthers() {
        let judgement = Judgement(expected: 7.01, low: -23, high: 37, score: 0.9)
        #expect(
            reason(.unusual, 702, judgement, direction: .up, peers: 12)
                == "The value 702 is unusual for a new group: 7.01 was expected, and up to 37 is usual in 12 other groups."
        )
        #expect(
            reason(.usual, 11, judgement, peers: 2000)
                == "The value 11 is usual again: -23 to 37 is in 2,000 other groups.")
        #expect(
            reason(.unjudged, 690, Judgement())
                == "There are too few other groups now to judge the value 690 of a new one.")
    }

    /// What is beyond an end does not read as the end.
    @Test func aValueHasTheDigitsThatTellItFromWhatItIsBeyond() {
        let judgement = Judgement(expected: 50, low: 40.04, high: 60.04, score: 0.6)
        #expect(
            reason(.unusual, 60.0401, judgement)
                == "The value 60.0401 is unusual: 50 was expected, and 40 to 60 is usual.")
        #expect(
            reason(.unusual, 40.03, judgement)
                == "The value 40.03 is unusual: 50 was expected, and 40 to 60 is usual.")
        #expect(reason(.above(100.3), 100.31) == "The value 100.31 is above the limit of 100.")
        #expect(reason(.below(1e-9), 1e-300) == "The value 1e-300 is below the limit of 1e-9.")
        #expect(reason(.above(5e299), 5e300) == "The value 5e300 is above the limit of 5e299.")
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
        #expect(
            reason(.notShown(windows: 61), 0)
                == "It was not among the groups that are kept for 61m: whether there were records of it is not known.")
    }
}
