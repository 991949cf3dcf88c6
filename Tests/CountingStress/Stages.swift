import Accounting
import Consumer
import Counting
import Evaluation
import Glibc
import LockFree
import Planning
import Records
import TelemetryModel

/// The publishing thread: the production driver, whose records are acknowledged at once.
final class Publisher {
    private let inbox: FlushInbox
    private let log: ShardLog
    private var entries: RingProducer<[UInt8]>
    private var driver = PublisherDriver()
    private(set) var flushes = 0
    private(set) var released = 0

    init(_ outputs: [WorkerOutput], log: ShardLog) {
        inbox = FlushInbox(outputs)
        self.log = log
        entries = log.entries.makeProducer()
    }

    /// Returns false where there was nothing to publish.
    func publish() -> Bool {
        let taken = inbox.takeAll()
        if taken.isEmpty { return false }
        flushes += taken.count
        perform(driver.step(.flushes(taken, at: .zero)))
        return true
    }

    private func perform(_ effects: [PublisherEffect]) {
        for effect in effects {
            switch effect {
            case .awaitRecords, .awaitUpdates: perform(driver.step(.acknowledged(logEnds: [0], at: .zero)))
            case .send(let flush):
                for entry in flush.entries(shard: 0) {
                    while !entries.push(entry) {
                        log.bell.ring()
                        sched_yield()
                    }
                }
                log.bell.ring()
            case .commit(_, let tokens): released += tokens.count
            case .release: Legality.check(false, "nothing was refused")
            case .published: break
            }
        }
    }
}

/// The evaluating thread: the production driver over one shard.
final class Evaluator {
    private let log: ShardLog
    private let readings: EvaluationReadings
    private var driver: EvaluatorDriver
    private var offset: Int64 = 0
    private(set) var snapshots = 0

    init(plan: PipelinePlan, log: ShardLog, readings: EvaluationReadings) {
        self.log = log
        self.readings = readings
        driver = EvaluatorDriver(
            shardCount: 1, partitions: StatePartitions(checkpoints: 1, windows: 1, alerts: 1), now: .zero)
        let content = EvaluationShard(plan: plan, shard: 0, of: ShardMap(count: 1), closedBefore: nil)
        // Records come again and again, so that event time must not pass their windows.
        let evaluator = ShardEvaluator(
            content: content, checkpoint: nil, expectedSources: Set(log.sources),
            inputs: InputTerms(latenessNanoseconds: 86_400_000_000_000))
        perform(.assign(OwnedShard(shard: 0, epoch: log.epoch, evaluator: evaluator)), now: .zero)
    }

    func run(now: () -> Duration) {
        var entries = log.entries.makeConsumer()
        for entry in log.beginning { take(entry, now()) }
        while true {
            // Looked at first: what was written before is then in the log.
            let isLast = log.isClosed
            var isAnything = false
            while let entry = entries.pop() {
                take(entry, now())
                isAnything = true
            }
            perform(.turn(at: now(), clock: Timestamp(nanoseconds: 4_000_000_000_000_000_000)), now: now())
            if isAnything {
                publish()
            } else if isLast {
                return
            } else {
                log.bell.wait()
            }
        }
    }

    private func take(_ json: [UInt8], _ now: Duration) {
        perform(.entry(TopicPlace(topic: "registers", partition: 0, offset: offset), json: json), now: now)
        offset += 1
    }

    private func publish() {
        snapshots += 1
        readings.publish(driver.owned.mapValues { ShardSnapshot(of: $0, report: nil, selectorParts: nil) })
    }

    private func perform(_ input: EvaluatorInput, now: Duration) {
        for effect in driver.step(input) {
            switch effect {
            case .awaitAcknowledgement: perform(.acknowledged(at: now), now: now)
            case .fail(let error): Legality.check(false, "\(error)")
            case .refuse, .released, .stopped: Legality.check(false, "\(effect)")
            case .send, .published: break
            }
        }
    }
}
