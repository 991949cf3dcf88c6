import Alerting
import TelemetryModel
import Testing

/// By what a consumer knows that it has seen a transition.
@Suite struct EventIDTests {
    private func id(_ status: AlertStatus, _ second: Int64, openAt: Int64? = nil) -> String {
        let time = Timestamp(nanoseconds: second * 1_000_000_000)
        let alert = Alert(
            dedupKey: DedupKey(kind: "slo", name: "a"), severity: .critical, status: status, summary: "it burns",
            source: "shop", time: time, openedAt: time)
        return AlertTransition(alert: alert, reason: "because").eventID(
            openAt: openAt.map { Timestamp(nanoseconds: $0 * 1_000_000_000) })
    }

    @Test func eachTransitionHasOneOfItsOwn() {
        let ids = [id(.open, 1), id(.resolved, 1), id(.open, 2), id(.open, 1, openAt: 2), id(.open, 1, openAt: 3)]
        #expect(Set(ids).count == ids.count)
        #expect(id(.open, 1) == id(.open, 1) && id(.open, 1, openAt: 2) == id(.open, 1, openAt: 2))
    }
}
