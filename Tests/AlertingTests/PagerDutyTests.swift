import Testing

@testable import Alerting

@Suite struct PagerDutyTests {
    private let routingKey = PagerDutyRoutingKey("0123456789abcdefABCDEF0123456789")!

    private func text(_ transition: AlertTransition) -> String {
        String(decoding: PagerDutyEvent.body(for: transition, routingKey: routingKey), as: UTF8.self)
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
            for: transition(
                summary: quotes, source: quotes, details: ["a": .text(quotes)],
                links: Array(repeating: Alert.Link(href: quotes), count: 1000), reason: quotes), routingKey: routingKey)
        #expect(body.count <= PagerDutyEvent.bodyBytesMax)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""left_out":"labels and details"#))
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
            (202, .accepted), (200, .accepted), (400, .refused), (401, .refused), (404, .refused), (413, .refused),
            (301, .refused), (408, .retry), (429, .retry), (500, .retry), (503, .retry), (599, .retry), (nil, .retry),
        ] as [(Int?, PagerDutyDelivery.Outcome)])
    func statusesAreTakenAsDocumented(status: Int?, outcome: PagerDutyDelivery.Outcome) {
        #expect(PagerDutyDelivery.outcome(status: status) == outcome)
    }

    @Test func delaysDoubleToFiveMinutesWithHalfOfThemDrawn() {
        func seconds(_ failures: Int, _ status: Int? = 503, _ random: Double = 0, _ asked: Int64? = nil) -> Double {
            Double(
                PagerDutyDelivery.delayNanoseconds(
                    failures: failures, status: status, random: random, retryAfterSeconds: asked)) / 1e9
        }
        #expect((1...11).map { seconds($0) } == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150])
        #expect(seconds(4, 503, 0.5) == 6)
        #expect(seconds(1, 429) == 15)
        #expect(seconds(1, 429, 0, 40) == 40)
        #expect(seconds(1, nil, 0, 1_000_000_000_000) == 3600)
        #expect(seconds(.max, nil, .nan, -5) == 150)
        #expect(seconds(.min, nil, 7) == 1)
    }
}
