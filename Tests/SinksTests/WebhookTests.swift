import Alerting
import Crypto
import TelemetryModel
import Testing

@testable import Sinks

@Suite struct WebhookTests {
    private let secret = Array("sixteen bytes or more".utf8)
    private var sink: WebhookSink { WebhookSink(name: "hook", url: "https://hook.example/in", secret: secret) }

    private func text(_ request: SinkRequest) -> String { String(decoding: request.body, as: UTF8.self) }

    private func header(_ name: String, _ request: SinkRequest) -> String? {
        request.headers.first { $0.name == name }?.value
    }

    @Test func aTransitionIsACloudEventWithTheFeedsRecord() {
        let request = sink.request(for: InertTransition(transition(minute: 5)), at: at(6))
        let key = transition().alert.dedupKey.text
        #expect(request.method == "POST" && request.url == "https://hook.example/in")
        #expect(header("content-type", request) == "application/cloudevents+json")
        #expect(
            text(request)
                == #"{"specversion":"1.0","id":"\#(key)/2026-11-20T10:05:00Z/open","source":"/tidewatch","#
                + #""type":"dev.tidewatch.alert.v1","subject":"\#(key)","time":"2026-11-20T10:05:00Z","#
                + #""datacontenttype":"application/json","dataschema":"https://tidewatch.dev/schemas/alert.json","data":"#
                + String(decoding: transition(minute: 5).json, as: UTF8.self) + "}")
    }

    @Test func whatTheResourceSaysIsInTheRecord() {
        var described = transition()
        described.alert.describe(
            ResourceDescription(
                description: "What\nfails", labels: ["team": "net"],
                annotations: ["runbook_url": "https://wiki/scans", "dashboard_url": "http://board/scans"]))
        let body = text(sink.request(for: InertTransition(described), at: at(1)))
        #expect(
            body.contains(#""labels":{"team":"net"},"annotations":{"description":"What fails"},"#)
                && body.contains(
                    #""links":[{"href":"https://wiki/scans","text":"Runbook"},{"href":"http://board/scans","text":"Dashboard"}]"#
                ), "\(body)")
    }

    @Test func attemptsOfATransitionHaveOneIdAndTransitionsDifferentOnes() {
        #expect(
            text(sink.request(for: InertTransition(transition()), at: at(1)))
                == text(sink.request(for: InertTransition(transition()), at: at(99))))
        let ids = [transition(), transition(.resolved), transition(minute: 1)].map {
            text(sink.request(for: InertTransition($0), at: at(1)))
        }
        #expect(Set(ids).count == 3)
    }

    @Test func theSignatureIsOfTheTimeAndTheBody() throws {
        let request = sink.request(for: InertTransition(transition()), at: at(1))
        let parts = try #require(header(WebhookSink.signatureHeader, request)).split(separator: ",")
        #expect(parts.map { $0.split(separator: "=")[0] } == ["t", "v1"])
        let seconds = String(parts[0].dropFirst(2))
        #expect(seconds == "1795168860")
        let digits = Array(parts[1].dropFirst(3))
        let code = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        func isValid(_ signed: [UInt8], _ secret: [UInt8]) -> Bool {
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: SymmetricKey(data: secret))
        }
        #expect(isValid(Array("\(seconds).".utf8) + request.body, secret))
        #expect(!isValid(Array("1795168861.".utf8) + request.body, secret))
        #expect(!isValid(Array("\(seconds).".utf8) + request.body.dropLast(), secret))
        #expect(!isValid(Array("\(seconds).".utf8) + request.body, Array("another secret, also long".utf8)))
    }

    @Test func theSecretIsNotPrinted() {
        #expect(!String(reflecting: sink).contains("sixteen"))
        #expect(!"\(sink.request(for: InertTransition(transition()), at: at(0)))".contains("v1="))
    }
}
