import Foundation
import Logging
import Observability
import Sinks
import TelemetryModel

/// What the log and the metrics say of a sink.
struct DeliveryReport {
    private let sink: any Sink
    private let metrics: MetricsRegistry
    private let logger: Logger

    init(sink: any Sink, metrics: MetricsRegistry, logger: Logger) {
        self.sink = sink
        self.metrics = metrics
        self.logger = logger
    }

    private var label: (String, String) { ("sink", sink.name) }

    /// Shows counters before anything is counted, so that a first failure is an increase.
    func begin() {
        metrics.beginHistogram(.pageSeconds, [label])
        metrics.beginHistogram(.pageStepSeconds, PageStep.posted.labels)
        for result in ["accepted", "retried", "refused"] {
            metrics.begin(.notifications, [label, ("result", result)])
        }
        for silence in NotificationSilence.allCases {
            metrics.begin(.notificationsSilent, [label, ("reason", silence.rawValue)])
        }
    }

    /// How long a page was under way, where one was taken that opens an incident and was not said before: of what waited for the sink too.
    func note(_ answer: SinkAnswer, to record: FeedRecord, at now: Timestamp = .now()) {
        guard case .delivered = sink.verdict(on: answer), record.transition.alert.status == .open, record.openAt == nil,
            let arrivedAt = record.arrivedAt
        else { return }
        metrics.observe(
            .pageStepSeconds, PageStep.posted.labels, .nanoseconds(now.nanoseconds - record.writtenAt.nanoseconds))
        metrics.observe(.pageSeconds, [label], .nanoseconds(now.nanoseconds - arrivedAt.nanoseconds))
    }

    func show(_ engine: DeliveryEngine) {
        metrics.set(.notificationsWaiting, [label], to: Double(engine.waiting))
        let age = engine.oldestWaiting.map { max(0, Double(Timestamp.now().nanoseconds - $0.nanoseconds) / 1e9) }
        metrics.set(.notificationsOldest, [label], to: age ?? 0)
        metrics.set(.notificationsRemembered, [label], to: Double(engine.remembered))
        metrics.set(.notificationsPaused, [label], to: Double(engine.pausedPartitions.count))
    }

    func say(_ effect: DeliveryEffect) {
        switch effect {
        case .count(.silent(let silence)):
            metrics.add(.notificationsSilent, [label, ("reason", silence.rawValue)])
        case .count(.accepted): metrics.add(.notifications, [label, ("result", "accepted")])
        case .count(.retried): metrics.add(.notifications, [label, ("result", "retried")])
        case .count(.refused): metrics.add(.notifications, [label, ("result", "refused")])
        case .trouble(let trouble): say(trouble)
        case .recovered(let nanoseconds):
            logger.notice(
                "\(sink.title) answers again",
                metadata: ["sink": "\(sink.name)", "seconds": .seconds(.nanoseconds(nanoseconds))])
        case .post, .deadLetter, .log, .commit, .pause, .resume: break
        }
    }

    func refused(_ record: FeedRecord, _ refusal: SinkRefusal) {
        logger.error(
            "\(sink.title) refused an alert; it goes to the dead letters",
            metadata: [
                "sink": "\(sink.name)", "status": .number(refusal.status ?? 0), "answer": "\(refusal.words)",
                "dedup_key": "\(record.transition.alert.dedupKey)",
            ])
    }

    private func say(_ trouble: DeliveryTrouble) {
        let text =
            trouble.isPartial
            ? "\(sink.title) does not take every alert; those wait in the feed, and are tried again"
            : "\(sink.title) takes no alerts; they wait in the feed, and are tried again"
        logger.warning(
            "\(text)",
            metadata: [
                "sink": "\(sink.name)", "cause": "\(trouble.cause)", "since": "\(trouble.since)",
                "seconds": .seconds(.nanoseconds(trouble.nanoseconds)), "failing": .number(trouble.failing),
                "waiting": .number(trouble.waiting),
            ])
    }
}
