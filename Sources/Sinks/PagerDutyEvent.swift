import Alerting
import JSON
import TelemetryModel
import Text

/// The key of a PagerDuty integration: 32 letters and digits. It is a secret, and nothing prints it.
public struct PagerDutyRoutingKey: Sendable, Equatable, CustomStringConvertible {
    public static let length = 32

    let text: String
    public var description: String { "a routing key" }

    /// `nil` for anything but 32 ASCII letters and digits.
    public init?(_ text: String) {
        guard text.utf8.count == PagerDutyRoutingKey.length,
            text.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            })
        else { return nil }
        self.text = text
    }
}

/// Request bodies for PagerDuty's Events API v2, `POST /v2/enqueue`.
///
/// Source: PagerDuty's developer documentation, "Events API v2".
public enum PagerDutyEvent {
    /// PagerDuty says 512 KB; taken as 512,000 bytes, the smaller reading.
    public static let bodyBytesMax = 512_000
    static let dedupKeyCharactersMax = 255
    static let summaryCodePointsMax = 1024
    /// No limit is documented for source, component, group, class and links; these keep the body bounded.
    static let fieldCodePointsMax = 1024
    static let linksMax = 20

    /// A trigger for an open alert, a resolve for a resolved one; never above `bodyBytesMax`.
    ///
    /// Where the details would make it too long, all but the reason is left out, and it says so in their place: a page
    /// that comes without its numbers is better than none.
    public static func body(for transition: InertTransition, routingKey: PagerDutyRoutingKey) -> [UInt8] {
        let whole = write(transition, routingKey, hasDetails: true)
        return whole.count <= bodyBytesMax ? whole : write(transition, routingKey, hasDetails: false)
    }

    private static func write(
        _ transition: InertTransition, _ routingKey: PagerDutyRoutingKey, hasDetails: Bool
    ) -> [UInt8] {
        let alert = transition.alert
        var json = JSONWriter()
        json.beginObject()
        json.member("routing_key", routingKey.text)
        json.member("event_action", alert.status == .open ? "trigger" : "resolve")
        json.member("dedup_key", dedupKey(alert))
        if alert.status == .open {
            json.key("payload")
            json.beginObject()
            // Required, and refused when empty.
            json.member("summary", alert.summary.isEmpty ? dedupKey(alert) : summary(alert))
            json.member("source", alert.source.isEmpty ? "tidewatch" : cut(alert.source))
            json.member("severity", severity(alert))
            json.member("timestamp", alert.time.description)
            if let component = alert.labels["objective"] ?? alert.labels["monitor"] {
                json.member("component", cut(Inert.sentence(component)))
            }
            if alert.labels["objective"] != nil, let group = alert.labels["service"] {
                json.member("group", cut(Inert.sentence(group)))
            }
            if let kind = alert.kind { json.member("class", cut(kind)) }
            json.key("custom_details")
            json.beginObject()
            json.member("reason", cut(transition.reason))
            if hasDetails {
                // Shown to people, and passed on to chats.
                json.key("labels")
                AlertValue.write(alert.labels.mapValues { AlertValue.text(Inert.sentence($0)) }, to: &json)
                if !alert.annotations.isEmpty {
                    json.key("annotations")
                    AlertValue.write(alert.annotations.mapValues { AlertValue.text(Inert.sentence($0)) }, to: &json)
                }
                json.key("details")
                AlertValue.write(alert.details, to: &json)
                if !transition.sources.isEmpty {
                    json.key("sources")
                    json.beginArray()
                    for text in transition.sources { json.string(text) }
                    json.endArray()
                }
            } else {
                json.member(
                    "left_out", "labels, annotations, details and sources, which are longer than an event may be")
            }
            json.endObject()
            json.endObject()
            writeLinks(alert.links, to: &json)
        }
        json.member("client", "Tidewatch")
        json.endObject()
        return Inert.json(json.bytes)
    }

    /// Keys are made no longer than that; one that were has to stay the same for trigger and resolve.
    private static func dedupKey(_ alert: Alert) -> String {
        String(alert.dedupKey.text.unicodeScalars.prefix(dedupKeyCharactersMax).map(Character.init))
    }

    private static func summary(_ alert: Alert) -> String {
        BoundedText.cut(alert.summary, codePointsMax: summaryCodePointsMax)
    }

    private static func severity(_ alert: Alert) -> String {
        switch alert.severity {
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    private static func writeLinks(_ links: [Alert.Link], to json: inout JSONWriter) {
        // A link cut short leads nowhere, so those that are too long are left out.
        let links = links.filter { $0.href.unicodeScalars.count <= fieldCodePointsMax }.prefix(linksMax)
        if links.isEmpty { return }
        json.key("links")
        json.beginArray()
        for link in links { Alert.Link(href: link.href, text: link.text.map(cut)).write(to: &json) }
        json.endArray()
    }

    private static func cut(_ text: String) -> String {
        BoundedText.cut(text, codePointsMax: fieldCodePointsMax)
    }
}
