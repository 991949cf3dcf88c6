import KafkaClient
import Logging
import Observability
import Runtime

/// Keeps a member in the group of the input topics as long as its host's clock is right, and out of it while it is not.
///
/// Belongs to the thread that serves the group.
final class ClockedSubscription {
    private let shared: PipelineContext
    private let consumer: KafkaConsumer
    private let question: ClockQuestion
    private var watch = ClockWatch()
    private var isSubscribed = false
    private let began = ContinuousClock.now

    init(_ shared: PipelineContext, _ consumer: KafkaConsumer, _ sink: ChangelogSink) {
        self.shared = shared
        self.consumer = consumer
        question = ClockQuestion(shared, sink)
        shared.metrics.set(.clockIsOff, to: 0)
    }

    /// Joins the group or leaves it. The first call waits for the broker's time.
    func follow() throws(KafkaError) {
        let isFirst = !watch.hasAsked
        if watch.asks(at: began.duration(to: .now)) { try question.ask(waits: isFirst) }
        let offset = shared.clock.hostOffset
        shared.tell(of: watch.noteOrigin(offset))
        switch watch.note(offset) {
        case .none: break
        case .turnedOff: refuse(ClockWatch.text(offset ?? .zero))
        case .turnedRight:
            shared.metrics.set(.clockIsOff, to: 0)
            shared.readiness.refuse(nil)
            shared.logger.info("takes partitions again: the host's clock is right")
        }
        if watch.isOff == isSubscribed { try isSubscribed ? leave() : join() }
    }

    private func refuse(_ reason: String) {
        shared.metrics.set(.clockIsOff, to: 1)
        shared.readiness.refuse("takes no partitions: \(reason)")
        shared.logger.error(
            "takes no partitions: \(reason)",
            metadata: ["bound": .seconds(ClockWatch.offsetMax.seconds)])
    }

    private func join() throws(KafkaError) {
        try consumer.subscribe(to: shared.settings.inputs.map(\.topic))
        isSubscribed = true
    }

    private func leave() throws(KafkaError) {
        try consumer.unsubscribe()
        isSubscribed = false
    }
}
