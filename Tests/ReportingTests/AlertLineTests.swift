import Alerting
import Reporting
import TelemetryModel
import TestObjectives
import Testing

@Suite struct AlertLineTests {
    private func transition(_ severity: AlertSeverity, _ status: AlertStatus, summary: String = "Port scan")
        -> AlertTransition
    {
        AlertTransition(
            alert: Alert(
                dedupKey: DedupKey(kind: "anomaly", name: "ports"), severity: severity, status: status,
                summary: summary, source: "eni-1", time: at(0), openedAt: at(0)), reason: "40 ports")
    }

    @Test func aLineOfTheFeedIsAligned() {
        #expect(transition(.warning, .open).line() == "2026-11-20T00:00:00Z  WARNING   OPEN      Port scan")
        #expect(transition(.critical, .resolved).line() == "2026-11-20T00:00:00Z  CRITICAL  RESOLVED  Port scan")
    }

    @Test func belowAnOpenAlertStandsWhereItsLinksLead() {
        var open = transition(.warning, .open)
        open.alert.links = [
            Alert.Link(href: "https://wiki/x", text: "Runbook"), Alert.Link(href: "https://a/\u{1B}[31m\nb"),
        ]
        #expect(
            open.lines() == [open.line(), "    Runbook: https://wiki/x", #"    https://a/\u{1B}[31m\nb"#])
        var resolved = transition(.warning, .resolved)
        resolved.alert.links = open.alert.links
        #expect(resolved.lines() == [resolved.line()])
    }

    @Test func aSummaryOfTheFeedColoursNothing() {
        let line = transition(.warning, .open, summary: "a\u{1B}[31m\nb\u{202E}").line()
        #expect(line.hasSuffix("OPEN      a [31m b\u{FFFD}"))
    }

    @Test(arguments: [
        (AlertSeverity.critical, AlertStatus.open, "31"), (.error, .open, "31"), (.warning, .open, "33"),
        (.info, .open, "36"), (.critical, .resolved, "32"),
    ])
    func theColourSaysHowBadItIs(severity: AlertSeverity, status: AlertStatus, code: String) {
        let line = transition(severity, status).line(isColoured: true)
        #expect(line.hasPrefix("2026-11-20T00:00:00Z  \u{1B}[\(code)m"))
        #expect(line.hasSuffix("\u{1B}[0m  Port scan"))
    }
}
