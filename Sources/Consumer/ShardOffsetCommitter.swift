import KafkaClient
import Logging
import Runtime

/// The thread that commits how far shards were read, for lag monitors only: a restart goes by checkpoints. Apart from the evaluating
/// one, because a coordinator that does not answer must not keep a page waiting.
final class ShardOffsetCommitter: Sendable {
    private let consumer: KafkaConsumer
    private let logger: Logger
    private let offsets = Mailbox<[PartitionOffset]>()
    private static let timeout = Duration.seconds(3)

    init(consumer: KafkaConsumer, logger: Logger) {
        self.consumer = consumer
        self.logger = logger
    }

    func put(_ offsets: [PartitionOffset]) { self.offsets.put(offsets) }

    /// No more will be put; `run` returns when the newest was tried.
    func close() { offsets.close() }

    func run() {
        while let taken = offsets.takeAll(timeout: 1) {
            guard let newest = taken.last else { continue }
            do throws(KafkaError) { try consumer.commit(newest, timeout: ShardOffsetCommitter.timeout) } catch {
                logger.debug("offsets of registers were not committed", metadata: ["error": "\(error)"])
            }
        }
    }
}
