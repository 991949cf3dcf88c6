import Alerting
import JSON
import Settings
import TelemetryModel

/// `pagerDuty`, by itself or as a sink.
package struct PagerDutySettings: SinkKind {
    package static let key = "pagerDuty"

    /// `routingKey`, or what the file `routingKeyFile` holds: the integration key of an Events API v2 service. Required.
    package var secret: Secret
    /// `endpoint`. Default PagerDuty's own; another is for its European region, and for tests.
    package var address = PagerDutySettings.endpointDefault

    private static let endpointDefault = "https://events.pagerduty.com/v2/enqueue"

    package init(routingKey: Secret) {
        secret = routingKey
    }

    package init?(_ fields: MappingReader, _ files: SecretFiles) {
        let key = files.read(fields, "routingKey", file: "routingKeyFile")
        let endpoint = SinkAddress.read(
            fields.optional("endpoint"), of: fields, isNone: "the endpoint is no web address",
            example: PagerDutySettings.endpointDefault)
        fields.finish()
        guard let key else {
            if !fields.has("routingKey"), !fields.has("routingKeyFile") {
                fields.node.report(
                    "\"routingKey\" is missing", "add \"routingKey: ${PAGERDUTY_ROUTING_KEY}\", or routingKeyFile")
            }
            return nil
        }
        guard PagerDutyRoutingKey(key.value) != nil else {
            (fields.optional("routingKey") ?? fields.optional("routingKeyFile"))?.report(
                "the routing key is not \(PagerDutyRoutingKey.length) letters and digits",
                "copy the integration key of an Events API v2 integration of the service")
            return nil
        }
        self.init(routingKey: key)
        address = endpoint ?? address
    }

    package func makeSink(named name: String) throws(SinkFault) -> any Sink {
        guard let key = PagerDutyRoutingKey(secret.value) else {
            throw SinkFault(
                "routingKey: expected \(PagerDutyRoutingKey.length) letters and digits, the integration key of an Events "
                    + "API v2 service")
        }
        let title = name == SinkSettings.pagerDutyName ? "PagerDuty" : "PagerDuty (\(name))"
        return PagerDutySink(name: name, title: title, endpoint: address, routingKey: key)
    }
}

/// PagerDuty's Events API v2: `POST /v2/enqueue`, a trigger for what opens and a resolve for what ends.
///
/// PagerDuty joins events by their dedup key, and a trigger under the key of an incident that is resolved opens another
/// one. So what is sent must be news; see ``NotificationEntry``.
public struct PagerDutySink: Sink {
    public static let kind = "pagerduty"
    public let name: String
    public let title: String
    private let endpoint: String
    private let routingKey: PagerDutyRoutingKey

    /// - Parameter title: differs from PagerDuty's name where there are several.
    public init(name: String, title: String = "PagerDuty", endpoint: String, routingKey: PagerDutyRoutingKey) {
        self.name = name
        self.title = title
        self.endpoint = endpoint
        self.routingKey = routingKey
    }

    public func request(for transition: InertTransition, at moment: Timestamp) -> SinkRequest {
        SinkRequest(
            url: endpoint, headers: [.init("content-type", "application/json"), .init("user-agent", "Tidewatch")],
            body: PagerDutyEvent.body(for: transition, routingKey: routingKey))
    }

    public func verdict(on answer: SinkAnswer) -> SinkVerdict { SinkVerdict(answer, words: PagerDutySink.words) }

    /// `{"status": …, "message": …, "errors": […]}`; a proxy in between may say anything.
    private static func words(_ body: [UInt8]) -> String? {
        do throws(JSONCursorError) { return try readWords(body) } catch { return nil }
    }

    private static func readWords(_ body: [UInt8]) throws(JSONCursorError) -> String? {
        var cursor = JSONCursor(body)
        var (message, errors) = (String?.none, [String]())
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "message": if try !cursor.takeNull() { message = try cursor.string() }
            case "errors":
                if try cursor.takeNull() { continue }
                try cursor.beginArray()
                while try cursor.nextElement() { errors.append(try cursor.string()) }
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        guard let message else { return nil }
        return [message, errors.joined(separator: "; ")].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
