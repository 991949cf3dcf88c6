import Alerting
import TelemetryModel
import Testing

@testable import Evaluation

@Suite struct AlertOrderTests {
    private func transition(_ seconds: Int64, _ name: String, _ status: AlertStatus) -> AlertTransition {
        let time = Timestamp(nanoseconds: seconds * Timestamp.nanosecondsPerSecond)
        return AlertTransition(
            alert: Alert(
                dedupKey: DedupKey(kind: "anomaly", name: name, labels: [:]), severity: .warning, status: status,
                summary: "", source: "", time: time, openedAt: time),
            reason: "")
    }

    @Test func orderIsOfTimeThenKeyAndWhatOpensAgainIsResolvedFirst() {
        let ordered = [
            transition(1, "b", .open), transition(2, "a", .resolved), transition(2, "a", .open),
            transition(2, "b", .resolved), transition(3, "a", .resolved),
        ]
        #expect(AlertOrder.sorted(ordered.reversed()).map(\.json) == ordered.map(\.json))
        #expect(AlertOrder.sorted([2, 0, 4, 1, 3].map { ordered[$0] }).map(\.json) == ordered.map(\.json))
    }
}
