import Alerting
import Crypto
import JSON
import Settings
import TelemetryModel
import Text

/// `webhook`: a receiver of CloudEvents.
package struct WebhookSettings: SinkKind {
    package static let key = "webhook"

    /// `url`: https, or plain http with `allowInsecure` or to this machine. Required.
    package var address: String
    /// `secret`, or what the file `secretFile` holds: 16 bytes at least, with which requests are signed. Required.
    package var secret: Secret

    private static let secretBytesMin = 16
    private static let example = "https://hooks.example.org/alerts"

    package init(url: String, secret: Secret) {
        address = url
        self.secret = secret
    }

    package init?(_ fields: MappingReader, _ files: SecretFiles) {
        let address = fields.required("url", example: WebhookSettings.example)
        let url = SinkAddress.read(
            address, of: fields, isNone: "the url is no web address", example: WebhookSettings.example)
        let secret = files.read(fields, "secret", file: "secretFile")
        fields.finish()
        if !fields.has("secret"), !fields.has("secretFile") {
            fields.node.report("\"secret\" is missing", "add \"secretFile: PATH\", or secret: ${WEBHOOK_SECRET}")
        }
        guard let url, let secret else { return nil }
        guard secret.value.utf8.count >= WebhookSettings.secretBytesMin else {
            fields.node.report(
                "the secret is shorter than \(WebhookSettings.secretBytesMin) bytes",
                "write a longer one, such as that of: openssl rand -hex 32")
            return nil
        }
        self.init(url: url, secret: secret)
    }

    package func makeSink(named name: String) throws(SinkFault) -> any Sink {
        let secret = Array(secret.value.utf8)
        guard secret.count >= WebhookSettings.secretBytesMin else {
            throw SinkFault("secret: it is shorter than \(WebhookSettings.secretBytesMin) bytes")
        }
        return WebhookSink(name: name, url: address, secret: secret)
    }
}

/// Any receiver of CloudEvents 1.0: each transition in structured JSON mode by `POST`, signed.
///
/// The event's `data` is the feed's record, its texts made fit for people (``InertTransition``). Its `id` is the same for each attempt of a transition and for no other
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

    public func request(for transition: InertTransition, at moment: Timestamp) -> SinkRequest {
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
        return "t=\(moment.seconds),v1=\(Hexadecimal.text(code.finalize()))"
    }

    private static func event(_ transition: InertTransition) -> [UInt8] {
        let alert = transition.alert
        var json = JSONWriter()
        json.beginObject()
        json.member("specversion", "1.0")
        json.member("id", transition.eventID())
        json.member("source", "/tidewatch")
        json.member("type", "dev.tidewatch.alert.v1")
        json.member("subject", alert.dedupKey.text)
        json.member("time", alert.time.description)
        json.member("datacontenttype", "application/json")
        json.member("dataschema", "https://tidewatch.dev/schemas/alert.json")
        json.key("data")
        json.raw(transition.json)
        json.endObject()
        return Inert.json(json.bytes)
    }
}
