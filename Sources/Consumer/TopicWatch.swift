import KafkaClient
import Logging
import Observability
import Records
import Runtime
import Synchronization

/// Looks whether the topics of our own are there, and stops the pipeline where one that was is gone.
///
/// One is found out within 45 s: a look each 10 s, and once it is missing each 5 s for 30 s. A look is a question for the cluster's
/// topics and one for the ends of these topics' logs. One into which this process writes is looked at within a second of the first record that
/// was acknowledged where an older one was; where its log is shorter too than it was, it is gone without patience.
final class TopicWatch: Sendable {
    struct Context: Sendable {
        let producer: KafkaProducer
        let topics: OutputTopics
        let readiness: Readiness
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void
    }

    private static let interval = Duration.seconds(10)
    private static let missingInterval = Duration.seconds(5)
    private static let turn = 1.0
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
        // The clock is that of the registers alone, which the producer tracks already.
        for name in names { context.producer.track(name, tellsTime: false) }
    }

    /// Runs until the stop.
    func run() {
        var wasMissing: Set<String> = []
        var setBack: Set<String> = []
        var next = ContinuousClock.now
        repeat {
            setBack.formUnion(context.producer.takeTopicsSetBack().intersection(names))
            if setBack.isEmpty, .now < next { continue }
            next = .now + TopicWatch.interval
            guard let (missing, late, shorter) = look(timeout: TopicWatch.timeout) else { continue }
            let lost = late.union(shorter.intersection(setBack))
            setBack = []
            if !missing.isEmpty { next = .now + TopicWatch.missingInterval }
            if !lost.isEmpty { return context.fail("\(LostTopics(lost, of: context.topics))") }
            if missing == wasMissing { continue }
            wasMissing = missing
            say(missing)
        } while !context.stop.wait(timeout: TopicWatch.turn)
    }

    /// What of the topics is gone as the pipeline ends, which may be before it was missing for long enough.
    ///
    /// - Parameter isFailing: something failed of which that may be the cause, so one look is enough. Else it takes the one before
    ///   too: a stop in good order is none where a broker has just started. But what was found set back is enough by one look too.
    /// - Returns: `nil` where nothing is, and where no broker answers.
    func lastLook(isFailing: Bool) -> LostTopics? {
        let before = presence.withLock { $0.missing }
        guard let (missing, _, shorter) = look(timeout: TopicWatch.lastTimeout) else { return nil }
        let certain = before.union(shorter.intersection(context.producer.takeTopicsSetBack()))
        let lost = isFailing ? missing : missing.intersection(certain)
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

    /// - Returns: what is missing, what has been for too long, and what of it is there with a shorter log; `nil` where no broker answers,
    ///   which is said elsewhere.
    private func look(timeout: Duration) -> (missing: Set<String>, lost: Set<String>, shorter: Set<String>)? {
        guard let counts = try? context.producer.partitionCounts(timeout: timeout) else { return nil }
        sayChanges(of: counts)
        let existing = counts.filter { names.contains($0.key) }
        let partitions = existing.sorted { $0.key < $1.key }.flatMap { topic, count in
            (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        }
        let ends = (try? context.producer.queryEnds(partitions, timeout: timeout))?.ends ?? [:]
        let now = began.duration(to: .now)
        return presence.withLock { presence in
            presence.note(existing, ends, at: now)
            return (presence.missing, presence.lost(at: now), presence.missing.intersection(existing.keys))
        }
    }

    /// Says once of each topic of state that has more partitions than before: members that run go on with the former ones, and those that
    /// start refuse it. One that has fewer is gone.
    private func sayChanges(of counts: [String: Int]) {
        let fixed = names.intersection(context.topics.stateNames)
        let changes = presence.withLock { $0.noteCounts(counts.filter { fixed.contains($0.key) }) }
        for change in changes {
            context.logger.error(
                "a topic of state has more partitions: members refuse it at their next start",
                metadata: [
                    "topic": "\(change.topic)", "had": .number(change.had), "has": .number(change.has),
                    "see": "\(LostTopics.runbook(of: change.topic))",
                ])
        }
    }
}
