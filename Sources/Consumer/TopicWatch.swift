import KafkaClient
import Logging
import Observability
import Records
import Runtime
import Synchronization

/// Looks whether the topics of our own are there, and stops the pipeline where one that was is gone.
///
/// One is found out within 45 s: a look each 10 s, and once it is missing each 5 s for 30 s. A look is a question for the cluster's
/// topics and one for the ends of these topics' logs.
final class TopicWatch: Sendable {
    struct Context: Sendable {
        let producer: KafkaProducer
        let topics: OutputTopics
        let readiness: Readiness
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    private static let interval = 10.0
    private static let missingInterval = 5.0
    private static let timeout = Duration.seconds(5)
    private static let lastTimeout = Duration.seconds(2)

    private let context: Context
    private let names: Set<String>
    private let presence = Mutex(TopicPresence())
    private let began = ContinuousClock.now

    /// - Parameter names: the topics that are looked for.
    init(_ context: Context, of names: [String]) {
        self.context = context
        self.names = Set(names)
    }

    /// Runs until the stop.
    func run() {
        var wasMissing: Set<String> = []
        repeat {
            guard let (missing, lost) = look(timeout: TopicWatch.timeout) else { continue }
            if !lost.isEmpty { return context.fail("\(LostTopics(lost, of: context.topics))") }
            if missing == wasMissing { continue }
            wasMissing = missing
            say(missing)
        } while !context.stop.wait(timeout: wasMissing.isEmpty ? TopicWatch.interval : TopicWatch.missingInterval)
    }

    /// What of the topics is gone as the pipeline ends, which may be before it was missing for long enough.
    ///
    /// - Parameter isFailing: something failed of which that may be the cause, so one look is enough. Else it takes the one before
    ///   too: a stop in good order is none where a broker has just started.
    /// - Returns: `nil` where nothing is, and where no broker answers.
    func lastLook(isFailing: Bool) -> LostTopics? {
        let before = presence.withLock { $0.missing }
        guard let (missing, _) = look(timeout: TopicWatch.lastTimeout) else { return nil }
        let lost = isFailing ? missing : missing.intersection(before)
        if missing != before, !missing.isEmpty { say(missing) }
        return lost.isEmpty ? nil : LostTopics(lost, of: context.topics)
    }

    private func say(_ missing: Set<String>) {
        let names = missing.sorted().joined(separator: ", ")
        context.readiness.miss(missing.isEmpty ? nil : "topics of its own are gone: \(names)")
        context.logger.log(
            level: missing.isEmpty ? .info : .error,
            missing.isEmpty ? "all topics are there again" : "topics are gone",
            metadata: ["topics": "\(names)"])
    }

    /// - Returns: what is missing, and what has been for too long; `nil` where no broker answers, which is said elsewhere.
    private func look(timeout: Duration) -> (missing: Set<String>, lost: Set<String>)? {
        guard let counts = try? context.producer.partitionCounts(timeout: timeout) else { return nil }
        let existing = counts.filter { names.contains($0.key) }
        let partitions = existing.sorted { $0.key < $1.key }.flatMap { topic, count in
            (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        let ends = (try? context.producer.queryEnds(partitions, timeout: timeout)) ?? [:]
        let now = began.duration(to: .now)
        return presence.withLock { presence in
            presence.note(existing, ends, at: now)
            return (presence.missing, presence.lost(at: now))
        }
    }
}
