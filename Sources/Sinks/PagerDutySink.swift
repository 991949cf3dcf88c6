import Alerting
import TelemetryModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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

    public func request(for transition: AlertTransition, at moment: Timestamp) -> SinkRequest {
        SinkRequest(
            url: endpoint, headers: [.init("content-type", "application/json")],
            body: PagerDutyEvent.body(for: transition, routingKey: routingKey))
    }

    public func verdict(on answer: SinkAnswer) -> SinkVerdict { SinkVerdict(answer, words: PagerDutySink.words) }

    /// `{"status": …, "message": …, "errors": […]}`; a proxy in between may say anything.
    private static func words(_ body: [UInt8]) -> String? {
        struct Document: Decodable {
            var message: String?
            var errors: [String]?
        }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)), let message = document.message
        else { return nil }
        return [message, (document.errors ?? []).joined(separator: "; ")].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
