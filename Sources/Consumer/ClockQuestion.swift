import KafkaClient
import Logging
import Runtime

/// Asks the broker for its time, by an entry that no reader's counts depend on.
struct ClockQuestion {
    private let shared: PipelineContext
    private let sink: ChangelogSink
    /// How long an answer is waited for.
    private static let patience = PipelineContext.metadataTimeout

    init(_ shared: PipelineContext, _ sink: ChangelogSink) {
        self.shared = shared
        self.sink = sink
    }

    /// - Parameter waits: for the answer, which else comes by itself.
    func ask(waits: Bool) throws(KafkaError) {
        let sequence = try sink.sendClockQuestion()
        guard waits else { return shared.producer.poll(timeout: .zero) }
        let deadline = ContinuousClock.now + ClockQuestion.patience
        while !shared.stop.isReached, ContinuousClock.now < deadline {
            guard case .pending = shared.producer.waitForDelivery(through: sequence, timeout: .milliseconds(100)) else {
                return
            }
        }
    }
}

extension PipelineContext {
    /// Says whose clock is used, where that is another than was said or goes without saying.
    func tell(of origin: ClockWatch.Origin?) {
        switch origin {
        case nil: break
        case .broker: logger.info("judges by the broker's clock from now on")
        case .host:
            logger.warning(
                "the broker has told no time of its own: judges by the host's clock",
                metadata: ["topic": .string(topics.registers)])
        }
    }
}
