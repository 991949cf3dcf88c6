import Accounting
import Counting
import KafkaClient
import Logging
import Runtime

/// Asks brokers where the logs of quiet partitions end, for the workers that would call them idle.
///
/// librdkafka says once that a partition is read to its end, and then nothing, whether nothing is written or its leader is away. Without the
/// question event time would run over what is written while nobody could read it.
final class LogEnds: Sendable {
    private let consumer: KafkaConsumer
    private let quiet: Mailbox<[SourcePartition]>
    private let requests: [Mailbox<PartitionWorker.Request>]
    /// The workers' monotonic clock.
    private let now: @Sendable () -> Duration
    private let stop: Latch
    private let logger: Logger

    private static let timeout = Duration.seconds(2)
    /// For one partition, where the question for all had no answer.
    private static let singleTimeout = Duration.milliseconds(200)
    private static let singlesPatience = Duration.seconds(5)
    /// How long partitions that had no answer are asked for apart from the others, so that those do not wait for them.
    private static let apartFor = Duration.seconds(5)

    init(
        consumer: KafkaConsumer, quiet: Mailbox<[SourcePartition]>, requests: [Mailbox<PartitionWorker.Request>],
        now: @escaping @Sendable () -> Duration, stop: Latch, logger: Logger
    ) {
        self.consumer = consumer
        self.quiet = quiet
        self.requests = requests
        self.now = now
        self.stop = stop
        self.logger = logger
    }

    /// Runs until the stop.
    func run() {
        var apart: [SourcePartition: Duration] = [:]
        while !stop.isReached {
            let asked = Set((quiet.takeAll(timeout: 0.2) ?? []).joined())
            apart = apart.filter { now() - $0.value < LogEnds.apartFor }
            ask(asked.filter { apart[$0] == nil }.sorted(), &apart)
        }
    }

    private func ask(_ sources: [SourcePartition], _ apart: inout [SourcePartition: Duration]) {
        if sources.isEmpty { return }
        do throws(KafkaError) {
            try tell(sources, timeout: LogEnds.timeout)
        } catch {
            logger.debug("the ends of quiet partitions are not known", metadata: ["error": "\(error)"])
            let deadline = now() + LogEnds.singlesPatience
            for source in sources where !stop.isReached {
                do throws(KafkaError) {
                    if now() < deadline {
                        try tell([source], timeout: LogEnds.singleTimeout)
                    } else {
                        apart[source] = now()
                    }
                } catch {
                    apart[source] = now()
                }
            }
        }
    }

    private func tell(_ sources: [SourcePartition], timeout: Duration) throws(KafkaError) {
        let asked = now()
        for (partition, end) in try consumer.queryEnds(sources.map { TopicPartition($0) }, timeout: timeout) {
            let worker = RebalanceDelegate.worker(of: partition, among: requests.count)
            requests[worker].put(.driver(.end(SourcePartition(partition), at: end, asOf: asked)))
        }
    }
}
