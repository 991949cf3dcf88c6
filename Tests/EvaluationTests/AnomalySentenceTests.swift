import Alerting
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Signals

/// What a person is told of an anomaly.
@Suite struct AnomalySentenceTests {
    private func reason(_ change: AnomalyObservation.AlertChange, _ value: Double) -> String {
        let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
        return AlertTransition(
            anomaly: AnomalyAlertTransition(
                change: change, monitor: "m", severity: "warning", group: [], window: time, openedAt: time,
                direction: .up, value: value, expected: 4.1111111126730515, deviation: 1234.5, score: 0.9,
                summary: "unusual"), windowNanoseconds: 60_000_000_000
        ).reason
    }

    @Test func numbersHaveThreeSignificantDigits() {
        #expect(
            reason(.opened, 1500.4) == "The value 1,500 is unusual: the mean before it was 4.11, the deviation 1,230.")
        #expect(
            reason(.resolved, 0.000123456)
                == "The value 0.000123 is no longer unusual: the mean before it was 4.11, the deviation 1,230.")
    }
}
