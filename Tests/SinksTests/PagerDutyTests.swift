import Alerting
import TelemetryModel
import Testing

@testable import Sinks

@Suite struct PagerDutyTests {
    private let routingKey = PagerDutyRoutingKey("0123456789abcdefABCDEF0123456789")!

    private var sink: PagerDutySink {
        PagerDutySink(name: "pagerduty", endpoint: PagerDutyTests.endpoint, routingKey: routingKey)
    }
    private static let endpoint = "https://events.pagerduty.com/v2/enqueue"

    private func transition(
        status: AlertStatus = .open,
        summary: String = "Port scan", source: String = "eni-1", details: [String: AlertValue] = [:],
        links: [Alert.Link] = [], reason: String = "40 ports"
    ) -> AlertTransition {
        var alert = Alert(
            dedupKey: DedupKey(kind: "anomaly", name: "ports"), severity: .warning, status: status, summary: summary,
            source: source, time: at(0), openedAt: at(0))
        (alert.details, alert.links) = (details, links)
        return AlertTransition(alert: alert, reason: reason)
    }

    private func text(_ transition: AlertTransition) -> String {
        String(decoding: PagerDutyEvent.body(for: InertTransition(transition), routingKey: routingKey), as: UTF8.self)
    }

    @Test func anOpenAlertTriggers() {
        #expect(
            text(transition(details: ["ports": .integer(40)], links: [Alert.Link(href: "https://r", text: "R")]))
                == #"{"routing_key":"0123456789abcdefABCDEF0123456789","event_action":"trigger","#
                + #""dedup_key":"\#(DedupKey(kind: "anomaly", name: "ports").text)","payload":{"summary":"Port scan","#
                + #""source":"eni-1","severity":"warning","timestamp":"2026-11-20T10:00:00Z","custom_details":{"#
                + #""reason":"40 ports","labels":{},"details":{"ports":40}}},"#
                + #""links":[{"href":"https://r","text":"R"}],"client":"Tidewatch"}"#)
    }

    /// What an alert's resource says of itself: links to follow, labels and annotations beside the numbers.
    @Test func whatTheResourceSaysIsShown() {
        var described = transition()
        described.alert.describe(
            ResourceDescription(
                displayName: "Scans", description: "Ask <b>@net</b>", labels: ["team": "net"],
                annotations: [
                    "runbook_url": "https://wiki/scans?a=1", "dashboard_url": "javascript:alert(1)", "tier": "1",
                ]))
        let body = text(described)
        #expect(
            body.contains(
                #""labels":{"team":"net"},"annotations":{"dashboard_url":"javascript:alert(1)","#
                    + #""description":"Ask ‹b›＠net‹/b›","display_name":"Scans","tier":"1"},"details":{}}},"#
                    + #""links":[{"href":"https://wiki/scans?a=1","text":"Runbook"}],"client":"Tidewatch"}"#), "\(body)"
        )
    }

    @Test func whereTheRecordsLieIsShownShortly() {
        var traced = transition()
        traced.sources = (0..<7).map {
            AlertSource(first: .kafka(topic: "flows", partition: $0, offset: 5, record: 0), last: 90)
        }
        traced.sources[0].first = .file(name: "a\u{202E}\n<b>@c", record: 5)
        let body = text(traced)
        #expect(
            body.contains(
                #""details":{},"sources":["a\#u{FFFD} ‹b›＠c, records 5 to 90","flows/1, offsets 5 to 90","#
                    + #""flows/2, offsets 5 to 90","flows/3, offsets 5 to 90","flows/4, offsets 5 to 90","#
                    + #""and 2 more sources"]}},"#), "\(body)")
    }

    @Test func aResolvedAlertResolvesByItsKeyAlone() {
        #expect(
            text(transition(status: .resolved))
                == #"{"routing_key":"0123456789abcdefABCDEF0123456789","event_action":"resolve","#
                + #""dedup_key":"\#(DedupKey(kind: "anomaly", name: "ports").text)","client":"Tidewatch"}"#)
    }

    @Test func requiredFieldsAreNeverEmpty() {
        let body = text(transition(summary: "", source: ""))
        #expect(body.contains(#""summary":"anomaly/ports/"#))
        #expect(body.contains(#""source":"tidewatch""#))
    }

    @Test func aBodyNeverExceedsTheLimit() {
        // Two bytes for each quote that is escaped, so that the limit is met after escaping.
        let quotes = String(repeating: "\"", count: 300_000)
        let body = PagerDutyEvent.body(
            for: InertTransition(
                transition(
                    summary: quotes, source: quotes, details: ["a": .text(quotes)],
                    links: Array(repeating: Alert.Link(href: quotes), count: 1000), reason: quotes)),
            routingKey: routingKey)
        #expect(body.count <= PagerDutyEvent.bodyBytesMax)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""left_out":"labels, annotations, details and sources"#))
        #expect(!text.contains(#""links""#))
        let whole = self.text(transition(details: ["a": .text(String(repeating: "x", count: 511_000))]))
        #expect(whole.utf8.count <= PagerDutyEvent.bodyBytesMax)
        #expect(!whole.contains("left_out"))
    }

    @Test(arguments: [
        "", "0123456789abcdefABCDEF012345678", "0123456789abcdefABCDEF01234567890", "0123456789abcdefABCDEF012345678\"",
        "0123456789abcdefABCDEF01234567ü",
    ])
    func aRoutingKeyHas32LettersAndDigits(text: String) {
        #expect(PagerDutyRoutingKey(text) == nil)
    }

    @Test func aRoutingKeyIsNotPrinted() {
        #expect(!"\(routingKey)".contains("0123"))
        #expect(!String(reflecting: routingKey).contains("0123"))
    }

    @Test(
        arguments: [
            (202, "delivered"), (200, "delivered"), (400, "refused"), (401, "retry"), (403, "retry"), (404, "retry"),
            (407, "retry"), (413, "refused"),
            (413, "refused"), (301, "refused"), (408, "retry"), (425, "retry"), (429, "retry"), (500, "retry"),
            (503, "retry"), (599, "retry"), (nil, "retry"),
        ] as [(Int?, String)])
    func statusesAreTakenAsDocumented(status: Int?, outcome: String) {
        let verdict = sink.verdict(
            on: status.map { .status($0, body: [], retryAfterSeconds: nil) } ?? .none("no route"))
        let name =
            switch verdict {
            case .delivered: "delivered"
            case .retry: "retry"
            case .refused: "refused"
            }
        #expect(name == outcome)
    }

    @Test func theAnswersOwnWordsAreFound() {
        func words(_ body: String) -> String? {
            guard
                case .refused(let refusal) = sink.verdict(
                    on: .status(400, body: Array(body.utf8), retryAfterSeconds: nil))
            else { return nil }
            return refusal.words
        }
        #expect(
            words(
                #"{"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is bad","x"]}"#
            )
                == "Event object is invalid: 'routing_key' is bad; x")
        #expect(words("<html>\r\n  <b>Bad\u{1B}[31m</b>") == "<html> <b>Bad [31m</b>")
        #expect(words("") == "")
        #expect((words(String(repeating: "ü", count: 100_000))?.utf8.count ?? .max) <= SinkRefusal.wordsBytesMax)
    }

    @Test func whatAnObjectivesAlertIsAboutHasPagerDutysNames() {
        let alert = AlertTransition.objective(
            .init(
                objective: "checkout", service: "shop", alert: "page", severity: .critical, target: "0.999",
                confidence: "0.999", keepFiringFor: "5m"), isFiring: true, time: at(0), openedAt: at(0),
            findings: [
                .burnRate(
                    factor: "14.4", long: .init(name: "1h", rate: "20.5", good: 98, total: 100),
                    short: .init(name: "5m", rate: "100", good: 9, total: 10),
                    outlook: BudgetOutlook(left: "0.9", isGone: false, goneIn: nil))
            ])
        #expect(
            text(alert).contains(
                #""timestamp":"2026-11-20T10:00:00Z","component":"checkout","group":"shop","class":"burn_rate","#))
    }
}
