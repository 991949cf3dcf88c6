import Alerting
import Testing

/// What a person reads of an alert whose judge is gone.
@Suite struct AlertRemovalSentenceTests {
    @Test(arguments: [
        (AlertRemoval.objective("a"), "the SLO 'a' is no longer declared"),
        (.policy(objective: "a", alert: "p"), "the SLO 'a' no longer has the alert 'p'"),
        (.monitor("m"), "the monitor 'm' is no longer declared"),
        (.monitorAlert("m"), "the monitor 'm' no longer raises alerts"),
        (.monitorGroups("m"), "the rollup of the monitor 'm' groups by other columns"),
        (.monitorReset("m"), "the monitor 'm' has begun anew"),
        (.unknown, "what judged it is not known"),
    ])
    func theEndSaysWhatIsGone(removal: AlertRemoval, cause: String) throws {
        let open = burnRate()
        let ended = open.ended(by: removal, at: at(20))
        #expect(removal.reason == "\(cause): nothing judges it any more")
        #expect(ended.reason == cause.prefix(1).uppercased() + cause.dropFirst() + ": nothing judges it any more.")
        #expect(ended.alert.summary == "checkout: closed, not recovered, because \(cause)")
        #expect(ended.alert.status == .resolved && ended.alert.time == at(20))
        #expect(ended.alert.openedAt == open.alert.openedAt && ended.alert.dedupKey == open.alert.dedupKey)
        #expect(try AlertTransition(json: ended.json) == ended)
        var nameless = open
        nameless.alert.labels = [:]
        #expect(nameless.ended(by: removal, at: at(20)).alert.summary == "closed, not recovered, because \(cause)")
    }
}
