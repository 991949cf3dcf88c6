import Settings
import Sinks

extension SinkService {
    /// The sink that settings describe.
    static func makeSink(_ settings: SinkSettings) throws(Failure) -> any Sink {
        switch settings.destination {
        case .pagerDuty(let pagerDuty):
            guard let key = PagerDutyRoutingKey(pagerDuty.routingKey.value) else {
                throw Failure(
                    description:
                        "sink \(settings.name): routingKey: expected \(PagerDutyRoutingKey.length) letters and "
                        + "digits, the integration key of an Events API v2 service")
            }
            let title = settings.name == SinkSettings.pagerDutyName ? "PagerDuty" : "PagerDuty (\(settings.name))"
            return PagerDutySink(
                name: settings.name, title: title, endpoint: pagerDuty.endpoint, routingKey: key)
        case .webhook(let webhook):
            return WebhookSink(name: settings.name, url: webhook.url, secret: Array(webhook.secret.value.utf8))
        }
    }
}
