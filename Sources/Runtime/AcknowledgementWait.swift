import KafkaClient
import Records

/// Waits for what was sent to be acknowledged: through an outage, but not through a stop.
package struct AcknowledgementWait: Sendable {
    /// How long a stop waits, so that it ends while the broker is gone.
    private static let stopPatience = Duration.seconds(6)

    package let producer: KafkaProducer
    package let stop: Latch
    /// Told why when something was refused, or was not acknowledged before the stop.
    package let fail: @Sendable (String) -> Void

    package init(producer: KafkaProducer, stop: Latch, fail: @escaping @Sendable (String) -> Void) {
        self.producer = producer
        self.stop = stop
        self.fail = fail
    }

    /// Whether all records up to the producer's `sequence` are acknowledged; when not, the pipeline was told to fail.
    package func isAcknowledged(through sequence: UInt64) -> Bool {
        while true {
            switch producer.waitForDelivery(through: sequence, timeout: .milliseconds(500)) {
            case .delivered: return true
            case .failed(let failures):
                let hint = failures[0].error.partition.map { LostTopics.hint(of: $0.topic) } ?? ""
                fail("\(failures.count) records were refused, the first: \(failures[0])\(hint)")
                return false
            case .pending(let resolved):
                if stop.isReached(since: AcknowledgementWait.stopPatience) {
                    fail(
                        "no acknowledgement before the stop (\(sequence - resolved) records wait); they are counted again at the next start"
                    )
                    return false
                }
            }
        }
    }
}
