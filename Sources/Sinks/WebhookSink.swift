import Alerting
import Crypto
import JSON
import TelemetryModel

/// Any receiver of CloudEvents 1.0: each transition in structured JSON mode by `POST`, signed.
///
/// The event's `data` is the feed's record. Its `id` is the same for each attempt of a transition and for no other
/// transition, so a receiver that has seen it can pass a repetition over. `Tidewatch-Signature` proves who sent the body
/// and when.
///
/// Sources: CloudEvents 1.0.2, JSON event format and HTTP protocol binding; RFC 2104.
public struct WebhookSink: Sink {
    public static let kind = "webhook"
    static let signatureHeader = "tidewatch-signature"

    public let name: String
    public var title: String { "the webhook \(name)" }
    private let url: String
    private let secret: SymmetricKey

    /// - Parameter secret: what the receiver knows too.
    public init(name: String, url: String, secret: [UInt8]) {
        self.name = name
        self.url = url
        self.secret = SymmetricKey(data: secret)
    }

    public func request(for transition: AlertTransition, at moment: Timestamp) -> SinkRequest {
        let body = WebhookSink.event(transition)
        return SinkRequest(
            url: url,
            headers: [
                .init("content-type", "application/cloudevents+json"), .init("user-agent", "Tidewatch"),
                .init(WebhookSink.signatureHeader, signature(of: body, at: moment)),
            ], body: body)
    }

    public func verdict(on answer: SinkAnswer) -> SinkVerdict { SinkVerdict(answer) }

    /// `t=1795168800,v1=6c7b…`: the seconds since 1970 when it was sent, and HMAC-SHA256 of these digits, a dot and the body.
    /// The time is signed too, so that a receiver can refuse what was recorded and is sent again.
    private func signature(of body: [UInt8], at moment: Timestamp) -> String {
        var code = HMAC<SHA256>(key: secret)
        code.update(data: Array("\(moment.seconds).".utf8))
        code.update(data: body)
        let digits = Array("0123456789abcdef")
        let hexadecimal = code.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "t=\(moment.seconds),v1=\(String(hexadecimal))"
    }

    private static func event(_ transition: AlertTransition) -> [UInt8] {
        let alert = transition.alert
        var json = JSONWriter()
        json.beginObject()
        json.member("specversion", "1.0")
        // Two evaluators may differ about one moment, so the status is part of it.
        json.member("id", "\(alert.dedupKey.text)/\(alert.time)/\(alert.status.rawValue)")
        json.member("source", "/tidewatch")
        json.member("type", "dev.tidewatch.alert.v1")
        json.member("subject", alert.dedupKey.text)
        json.member("time", alert.time.description)
        json.member("datacontenttype", "application/json")
        json.member("dataschema", "https://tidewatch.dev/schemas/alert.json")
        json.key("data")
        json.raw(transition.json)
        json.endObject()
        return json.bytes
    }
}
