import Accounting
import Counting
import KafkaClient
import Logging
import Runtime

/// Asks brokers where the logs of quiet partitions end, for the workers that would call them idle.
///
/// librdkafka says once that a partition is read to its end, and then nothing, whether nothing is written or its leader is away. Without the
/// question event time would run over what is written while nobody could read it. And a topic that is deleted and made anew would be read on
/// from where the former one was, as not every broker refuses who reads behind a log's end, and none who does when it is that long already.
final class LogEnds: Sendable {
    private let producer: KafkaProducer
    private let quiet: Mailbox<[SourcePartition]>
    private let requests: [Mailbox<PartitionWorker.Request>]
    /// The workers' monotonic clock.
    private let now: @Sendable () -> Duration
    /// Told of partitions whose logs may be others than before: that is to be looked at.
    private let doubt: @Sendable (TopicPartition) -> Void
    private let stop: Latch
    private let logger: Logger

    private static let timeout = Duration.seconds(2)
    /// For one partition, where the question for all had no answer.
    private static let singleTimeout = Duration.milliseconds(200)
    /// How long partitions are asked for one by one.
    private static let singlesPatience = Duration.seconds(5)
    /// How long those that had no answer are not asked for, and how long they may then keep the others waiting.
    private static let pause = Duration.seconds(5)
    private static let retryPatience = Duration.seconds(1)
    private static let lineInterval = Duration.seconds(60)

    /// Partitions whose ends are not known.
    private struct Unanswered {
        /// When each was asked for last.
        var asked: [SourcePartition: Duration] = [:]
        /// What there is of all partitions, be they answered or not.
        var logs = PartitionLogs()
        var since: Duration?
        var saidAt: Duration?
        var cause: KafkaError?

        mutating func note(_ source: SourcePartition, _ error: KafkaError, at now: Duration) {
            asked[source] = now
            since = since ?? now
            cause = error
        }
    }

    init(
        producer: KafkaProducer, quiet: Mailbox<[SourcePartition]>, requests: [Mailbox<PartitionWorker.Request>],
        now: @escaping @Sendable () -> Duration, doubt: @escaping @Sendable (TopicPartition) -> Void, stop: Latch,
        logger: Logger
    ) {
        self.producer = producer
        self.quiet = quiet
        self.requests = requests
        self.now = now
        self.doubt = doubt
        self.stop = stop
        self.logger = logger
    }

    /// Runs until the stop.
    func run() {
        var unanswered = Unanswered()
        while !stop.isReached {
            let asked = Set((quiet.takeAll(timeout: 0.2) ?? []).joined()).sorted()
            if asked.isEmpty { continue }
            // Those that have no answer hold up nobody: they come behind the others, and for a moment.
            askAll(asked.filter { unanswered.asked[$0] == nil }, &unanswered)
            let due = asked.filter { source in unanswered.asked[source].map { now() - $0 >= LogEnds.pause } ?? false }
            askEach(
                due.sorted { unanswered.asked[$0] ?? .zero < unanswered.asked[$1] ?? .zero }, LogEnds.retryPatience,
                &unanswered)
            // What is not quiet any more, or another member's, is not waited for.
            unanswered.asked = unanswered.asked.filter { now() - $0.value < LogEnds.pause * 6 }
            if unanswered.asked.isEmpty { unanswered = Unanswered(logs: unanswered.logs) }
            say(&unanswered)
        }
    }

    private func askAll(_ sources: [SourcePartition], _ unanswered: inout Unanswered) {
        if sources.isEmpty { return }
        do throws(KafkaError) { try tell(sources, timeout: LogEnds.timeout, &unanswered) } catch {
            askEach(sources, LogEnds.singlesPatience, &unanswered)
        }
    }

    private func askEach(_ sources: [SourcePartition], _ patience: Duration, _ unanswered: inout Unanswered) {
        let deadline = now() + patience
        for source in sources where !stop.isReached && now() < deadline {
            do throws(KafkaError) {
                try tell([source], timeout: LogEnds.singleTimeout, &unanswered)
                unanswered.asked[source] = nil
            } catch {
                unanswered.note(source, error, at: now())
                let isAway = [.unknownTopicOrPartition, .unknownTopic, .unknownPartition].contains(error.code)
                if isAway, unanswered.logs.miss(source) { doubt(TopicPartition(source)) }
            }
        }
    }

    /// - Throws: also where a single partition that is asked for has no answer.
    private func tell(
        _ sources: [SourcePartition], timeout: Duration, _ unanswered: inout Unanswered
    ) throws(KafkaError) {
        let asked = now()
        let (ends, refusals) = try producer.queryEnds(sources.map { TopicPartition($0) }, timeout: timeout)
        for (partition, end) in ends {
            if unanswered.logs.isDoubtful(SourcePartition(partition), endingAt: end) {
                doubt(partition)
                continue
            }
            let worker = RebalanceDelegate.worker(of: partition, among: requests.count)
            requests[worker].put(.driver(.end(SourcePartition(partition), at: end, asOf: asked)))
        }
        guard let missing = sources.first(where: { ends[TopicPartition($0)] == nil }) else { return }
        throw KafkaError(
            code: refusals[TopicPartition(missing)] ?? .timedOut, operation: "ask for the ends of partitions",
            partition: TopicPartition(missing))
    }

    /// One line when it lasts, and one a minute.
    private func say(_ unanswered: inout Unanswered) {
        guard let since = unanswered.since, now() - since >= LogEnds.pause,
            unanswered.saidAt.map({ now() - $0 >= LogEnds.lineInterval }) ?? true
        else { return }
        unanswered.saidAt = now()
        let partitions = unanswered.asked.keys.sorted()
        logger.warning(
            "no answer says that these partitions have no more records: event time waits for them",
            metadata: [
                "partitions": "\(partitions.prefix(10).map { "\(TopicPartition($0))" }.joined(separator: ","))",
                "count": .number(partitions.count), "cause": "\(unanswered.cause.map { "\($0)" } ?? "")",
            ])
    }
}
