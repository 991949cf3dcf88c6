import Alerting
import TelemetryModel
import Testing

/// Which of two records is the later one.
@Suite struct AlertRevisionTests {
    private func revision(_ second: Int64, _ epoch: Int64, _ isOpen: Bool) -> AlertRevision {
        AlertRevision(time: Timestamp(nanoseconds: second * 1_000_000_000), epoch: epoch, isOpen: isOpen)
    }

    @Test func timeComesBeforeTheEpochAndTheEpochBeforeTheStatus() {
        let rising = [
            revision(1, 0, false), revision(1, 0, true), revision(1, 1, false), revision(1, 1, true),
            revision(2, 0, false), revision(2, 0, true),
        ]
        for (place, left) in rising.enumerated() {
            for (other, right) in rising.enumerated() { #expect((left < right) == (place < other)) }
        }
    }
}
