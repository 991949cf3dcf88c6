import Accounting
import Consumer
import Counting
import LockFree
import Observability
import Planning
import Settings
import Synchronization
import TelemetryModel

/// Two workers, a publisher, an evaluator and four readers on threads of their own.
final class Run: Sendable {
    private let feeds: [Feed]
    private let duration: Duration
    private let began = ContinuousClock.now
    private let plan: PipelinePlan
    private let bell = Doorbell()
    private let outputs: [WorkerOutput]
    private let log: ShardLog
    private let readings = EvaluationReadings()
    private let metrics = MetricsRegistry()
    private let threads = Mutex<(workers: [StressThread], others: [StressThread], readers: [StressThread])>(
        ([], [], []))
    private let fed: [Fed]
    private let areWorkersDone = Atomic<Bool>(false)
    private let isOver = Atomic<Bool>(false)

    init(_ feeds: [Feed], seconds: Double) throws {
        self.feeds = feeds
        duration = .milliseconds(Int(seconds * 1000))
        plan = try Run.plan()
        fed = feeds.map { _ in Fed() }
        let bell = bell
        outputs = feeds.map { WorkerOutput(topics: [$0.topic], shardCount: 1, bell: bell) }
        log = ShardLog(sources: feeds.flatMap(Worker.sources), epoch: Worker.epoch)
        let counting = CountingReadings(
            outputs, now: { [began] in began.duration(to: .now) },
            clock: { Timestamp(nanoseconds: 4_000_000_000_000_000_000) })
        metrics.collect { counting.samples }
        metrics.collect { [readings] in readings.samples }
    }

    private static func plan() throws -> PipelinePlan {
        func objective(_ name: String, _ type: String, _ good: String) -> String {
            """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: \(name)}
            spec:
              service: platform
              indicator:
                metadata: {name: \(name)}
                spec:
                  ratioMetric:
                    good: {metricSource: {type: \(type), spec: {filter: '\(good)'}}}
                    total: {metricSource: {type: \(type), spec: {filter: 'true'}}}
              timeWindow: [{duration: 30d, isRolling: true}]
              budgetingMethod: Occurrences
              objectives: [{target: 0.99}]
            """
        }
        let (resources, problems) = ResourceLoader.load(
            text: [
                objective("calls", "CloudTrail", "!has(event.errorCode)"),
                objective("flows", "VPCFlow", #"event.action == "ACCEPT""#),
            ].joined(separator: "\n---\n"), file: "stress")
        precondition(problems.isEmpty, "\(problems)")
        return try PipelinePlan(resources: resources, outputs: [.windows, .alerts])
    }

    private func now() -> Duration { began.duration(to: .now) }

    func start() {
        let workers = feeds.indices.map { number in
            StressThread { self.count(self.feeds[number], self.outputs[number], self.fed[number]) }
        }
        let others = [StressThread { self.publish() }, StressThread { self.evaluate() }]
        let readers = (0..<4).map { number in StressThread { self.read(number) } }
        threads.withLock { $0 = (workers, others, readers) }
    }

    /// Workers end by themselves; then the publisher, when the rings are empty, then the evaluator, then readers.
    func join() {
        let (workers, others, readers) = threads.withLock { $0 }
        for thread in workers { thread.join() }
        areWorkersDone.store(true, ordering: .releasing)
        bell.ring()
        for thread in others { thread.join() }
        isOver.store(true, ordering: .releasing)
        for thread in readers { thread.join() }
    }

    private func count(_ feed: Feed, _ output: WorkerOutput, _ fed: Fed) {
        let worker = Worker(feed, plan: plan, output: output, now: now)
        let messages = worker.run(until: { self.now() >= self.duration }, now: now)
        fed.messages.withLock { $0 = messages }
        print("\(feed.topic): \(messages.reduce(0, +)) messages, \(worker.waits) waits for room")
    }

    private func publish() {
        let publisher = Publisher(outputs, log: log)
        while true {
            // Looked at first: what was handed over before is then in the rings.
            let isLast = areWorkersDone.load(ordering: .acquiring)
            let isAnything = publisher.publish()
            if isAnything { continue }
            if isLast { break }
            bell.wait()
        }
        log.close()
        print("publisher: \(publisher.flushes) flushes, \(publisher.released) partitions given back")
    }

    private func evaluate() {
        let evaluator = Evaluator(plan: plan, log: log, readings: readings)
        evaluator.run(now: now)
        print("evaluator: \(evaluator.snapshots) snapshots")
    }

    private func read(_ number: Int) {
        let reader = Reader(outputs, readings, metrics)
        while !isOver.load(ordering: .acquiring) { reader.read() }
        reader.read()
        print("reader \(number): \(reader.rounds) rounds")
    }

    func checkTheEnd() {
        let entries = readings.current.values.flatMap(\.report.entries)
        for (feed, (output, fed)) in zip(feeds, zip(outputs, fed)) {
            let amounts = fed.messages.withLock { $0 }.map { feed.amounts(ofMessages: $0) }
            let (good, total) = amounts.reduce((0, 0)) { ($0.0 + $1.good, $0.1 + $1.total) }
            let entry = entries.first { $0.terms.name == feed.objective }
            Legality.check(
                entry?.good == Int128(good) && entry?.total == Int128(total),
                "\(feed.objective) has \(entry?.good ?? -1) of \(entry?.total ?? -1), fed were \(good) of \(total)")
            let ofTopic = output.totals.topics[0]
            Legality.check(
                ofTopic.messages.value == UInt64(total / Feed.eventsOfMessage), "\(ofTopic.messages.value) messages")
            Legality.check(
                ofTopic.bytes.value == UInt64(amounts.reduce(0) { $0 + $1.bytes }), "\(ofTopic.bytes.value) bytes")
            Legality.check(output.live.partitions.isEmpty, "partitions are shown that are nobody's")
            print("\(feed.objective): \(good) good of \(total), as fed")
        }
    }
}

/// What one worker was fed: written by its thread at its end, read when that was joined. One for each, because ThreadSanitizer
/// does not see the slow way of a lock that two threads want at once.
private final class Fed: Sendable {
    /// By partition.
    let messages = Mutex<[Int]>([])
}
