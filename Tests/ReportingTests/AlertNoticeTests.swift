import Alerting
import Reporting
import TestObjectives
import Testing

/// An alert as a person reads it on a terminal.
@Suite struct AlertNoticeTests {
    private func transition(_ status: AlertStatus = .open) -> AlertTransition {
        AlertTransition(
            alert: Alert(
                dedupKey: DedupKey(kind: "anomaly", name: "ports"), severity: .error, status: status,
                summary: "Port scan against eni-1 from outside", source: "eni-1", time: at(0), openedAt: at(0)),
            reason: "The value 40 is unusual.")
    }

    @Test func anOpenAlertSaysWhatWhyAndWhatToDo() {
        var open = transition()
        open.alert.annotations = ["description": "Block the address.", "team": "network"]
        open.alert.links = [
            Alert.Link(href: "https://wiki/x", text: "Runbook"), Alert.Link(href: "https://a/\u{1B}[31m\nb"),
        ]
        #expect(
            open.notice(width: 40) == [
                "2026-11-20T00:00:00Z  ERROR  OPEN", "  what     Port scan against eni-1 from", "           outside",
                "  why      The value 40 is unusual.", "  do       Block the address.", "  runbook  https://wiki/x",
                #"  see      https://a/\u{1B}[31m\nb"#,
            ])
        #expect(open.notice(width: nil, isColoured: true)[0] == "2026-11-20T00:00:00Z  \u{1B}[31mERROR  OPEN\u{1B}[0m")
    }

    @Test func oneThatIsResolvedSaysWhatAndWhyAlone() {
        var resolved = transition(.resolved)
        resolved.alert.annotations = ["description": "Block the address."]
        resolved.alert.links = [Alert.Link(href: "https://wiki/x", text: "Runbook")]
        #expect(
            resolved.notice(width: nil) == [
                "2026-11-20T00:00:00Z  ERROR  RESOLVED", "  what  Port scan against eni-1 from outside",
                "  why   The value 40 is unusual.",
            ])
    }

    @Test(arguments: [
        ("a bb ccc", 8, ["a bb ccc"]), ("a bb ccc", 7, ["a bb", "    ccc"]),
        ("is 96.9 % of", 8, ["is", "    96.9 %", "    of"]), ("1 2 3", 3, ["1 2", "    3"]),
        ("wider-than-it", 4, ["wider-than-it"]), ("a wider-than-it b", 4, ["a", "    wider-than-it", "    b"]),
        ("", 1, [""]),
    ])
    func textIsBrokenBetweenWordsAndNeverInOne(text: String, width: Int, lines: [String]) {
        #expect(WrappedText.lines(text, width: width) == lines)
        #expect(WrappedText.lines(text, width: nil) == [text])
    }
}
