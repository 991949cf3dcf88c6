import KafkaClient
import Logging
import Observability
import Runtime

/// The broker's time for a member that only evaluates.
///
/// It is what decides whether an alert is past, and so whether anybody is paged, and how far back nothing is forgotten. Who counts hears
/// it with each update; who writes no update asks, before it has a shard and then once a minute, because clocks drift and are set.
///
/// One whose host's clock is off goes on, unlike one that counts: it judges by the broker's clock and reads no other.
///
/// Belongs to the thread that serves the group.
final class EvaluatorClock {
    static let questionInterval = Duration.seconds(60)

    private let shared: PipelineContext
    private let question: ClockQuestion
    private let began = ContinuousClock.now
    private var watch = ClockWatch(askingWhileRightEach: EvaluatorClock.questionInterval)

    init(_ shared: PipelineContext) {
        self.shared = shared
        question = ClockQuestion(
            shared,
            ChangelogSink(
                writer: shared.writer, topic: shared.topics.registers, shards: shared.shards, form: shared.plan.form))
        shared.metrics.set(.clockIsOff, to: 0)
    }

    /// Asks when it is time. The first call waits for the answer.
    func follow() throws(KafkaError) {
        let isFirst = !watch.hasAsked
        if watch.asks(at: began.duration(to: .now)) { try question.ask(waits: isFirst) }
        let offset = shared.clock.hostOffset
        shared.tell(of: watch.noteOrigin(offset))
        switch watch.note(offset) {
        case .none: break
        case .turnedOff:
            shared.metrics.set(.clockIsOff, to: 1)
            shared.logger.error(
                "\(ClockWatch.text(offset ?? .zero)); alerts are judged by the broker's",
                metadata: ["bound": .seconds(ClockWatch.offsetMax.seconds)])
        case .turnedRight:
            shared.metrics.set(.clockIsOff, to: 0)
            shared.logger.info("the host's clock is right")
        }
    }
}
