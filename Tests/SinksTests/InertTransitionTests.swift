import Alerting
import JSON
import TelemetryModel
import Testing

@testable import Sinks

/// What a tenant, or a writer of the feed, puts into an alert acts nowhere that a sink sends it to.
@Suite struct InertTransitionTests {
    private static let hostile = "<!channel> [x](http://evil.example) @here\n\u{1B}[2J\u{202E}"
    private static let shown = "‹!channel› [x] (http[:]//evil.example) ＠here  [2J\u{FFFD}"
    private static let blanked = "<!channel> [x](http://evil.example) @here  [2J\u{FFFD}"

    private func inert() throws -> InertTransition {
        let text = Self.hostile
        let key = try #require(DedupKey(text: "a\n\u{1B}b"))
        var alert = Alert(
            dedupKey: key, severity: .critical, status: .open, summary: text, source: text, time: at(0),
            openedAt: at(0))
        alert.kind = text
        alert.labels = ["userAgent": text, "a\nb": "c", "objective": text, "service": text]
        alert.annotations = ["note": text]
        alert.details = [
            "text": .text(text), "list": .list([.text(text), .integer(-1)]),
            "object": .object(["a\nb": .text(text)]),
        ]
        alert.links = [
            Alert.Link(href: "https://runbook.example/a?b=c", text: text), Alert.Link(href: "javascript:alert(1)"),
            Alert.Link(href: "https://a\n.example"), Alert.Link(href: "HTTP://a.example"),
            Alert.Link(href: "https://a|<b>"),
        ]
        return InertTransition(AlertTransition(alert: alert, reason: text))
    }

    @Test func sentencesCallNobodyAndLabelsAreTextOnOneLine() throws {
        let inert = try inert()
        for sentence in [inert.alert.summary, inert.alert.source, inert.reason, inert.alert.kind] {
            #expect(sentence == Self.shown)
        }
        #expect(inert.alert.dedupKey.text == "a  b")
        #expect(inert.alert.labels["userAgent"] == Self.blanked && inert.alert.labels["a b"] == "c")
        #expect(inert.alert.annotations == ["note": Self.blanked])
        #expect(
            inert.alert.details == [
                "text": .text(Self.shown), "list": .list([.text(Self.shown), .integer(-1)]),
                "object": .object(["a b": .text(Self.shown)]),
            ])
        #expect(inert.alert.links.map(\.href) == ["https://runbook.example/a?b=c", "HTTP://a.example"])
        #expect(inert.alert.links.first?.text == Self.shown)
    }

    @Test func pagerDutyAndWebhooksGetNothingElse() throws {
        let routingKey = try #require(PagerDutyRoutingKey("0123456789abcdefABCDEF0123456789"))
        let page = String(decoding: PagerDutyEvent.body(for: try inert(), routingKey: routingKey), as: UTF8.self)
        let event = String(
            decoding: WebhookSink(name: "a", url: "https://a.example", secret: [1]).request(for: try inert(), at: at(0))
                .body, as: UTF8.self)
        for body in [page, event] {
            let acts = body.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" }
            #expect(!acts && !body.contains(#"\n"#) && !body.contains(#"\u"#) && !body.contains("javascript"))
            #expect(body.contains(#""summary":"\#(Self.shown)""#))
        }
        // PagerDuty shows all of it to people; receivers of a webhook tell alerts apart by labels.
        #expect(page.components(of: "<!channel>") == 0 && event.components(of: "<!channel>") == 6)
    }
}

extension String {
    /// How often it holds a text.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
