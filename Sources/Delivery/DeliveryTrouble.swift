import Foundation
import Observability
import Synchronization
import TelemetryModel

/// That deliveries fail, from the first try that failed to the next that does not: noted by the task that posts, said by the
/// thread that reads the feed and can ask how much waits.
final class DeliveryTrouble: Sendable {
    struct Report: Sendable {
        var cause: String
        /// When the first of these tries failed, by this machine's clock.
        var since: Timestamp
        var seconds: Duration
    }

    private struct State {
        // Tries are up to an hour apart, where PagerDuty asks for that.
        var journal = FaultJournal(silence: .seconds(7_200))
        var since: Timestamp?
        var due: Report?
    }

    private let state = Mutex(State())

    func failed(_ cause: String) {
        state.withLock { state in
            let since = state.since ?? Timestamp.now()
            state.since = since
            switch state.journal.failed("", at: .now) {
            case nil: break
            case .begins: state.due = Report(cause: cause, since: since, seconds: .zero)
            case .goesOn(let duration, _): state.due = Report(cause: cause, since: since, seconds: duration)
            }
        }
    }

    /// How long it lasted, and what of it was not said yet; nil where there was no trouble.
    func recovered() -> (duration: Duration, unsaid: Report?)? {
        state.withLock { state in
            defer { (state.due, state.since) = (nil, nil) }
            return state.journal.recovered("", at: .now).map { ($0, state.due) }
        }
    }

    /// What is to be said now, once.
    func takeDue() -> Report? {
        state.withLock { state in
            defer { state.due = nil }
            return state.due
        }
    }
}
