import Accounting
import Counting
import Decoding
import Foundation
import LockFree
import Planning
import Records
import Settings
import Synchronization
import SyntheticEstate
import TelemetryModel

/// The messages, and the plan by which they are counted.
final class CountingBench: Sendable {
    /// What some threads did together.
    struct Figures: CustomStringConvertible {
        var counted = 0
        /// From the start of the first to the end of the last.
        var seconds = 0.0
        /// Messages for each second of its own CPU time, summed over threads.
        var rateByProcessor = 0.0
        var rateByClock: Double { Double(counted) / seconds }

        var description: String {
            "\(Int(rateByClock)) messages/s (\(Int(rateByProcessor)) by CPU time)"
        }
    }

    static let topic = "cloudtrail"
    private static let resources = "Sources/tidewatch/Demo/estate.yaml"
    private let messages: [[UInt8]]
    private let plan: PipelinePlan

    init(messages count: Int) throws {
        var settings = EstateSettings(start: Timestamp(nanoseconds: 1_768_467_600_000_000_000))
        settings.kinds = [.cloudTrail]
        settings.minutes = 60
        settings.cloudTrailPerMinute = count / settings.minutes + 1
        var estate = SyntheticEstate(settings: settings)
        var messages: [[UInt8]] = []
        while messages.count < count, let minute = estate.nextMinute() { messages += minute.map(\.bytes) }
        self.messages = Array(messages.prefix(count))
        let (resources, problems) = ResourceLoader.load(
            text: try String(contentsOfFile: Self.resources, encoding: .utf8), file: Self.resources)
        precondition(problems.isEmpty, "\(problems)")
        plan = try PipelinePlan(resources: resources, outputs: [.rollups, .anomalies, .windows, .alerts, .audit])
    }

    /// Counts all messages once in each thread.
    func count(threads: Int) -> Figures {
        let bell = Doorbell()
        let outputs = (0..<threads).map { _ in
            WorkerOutput(topics: [Self.topic], shardCount: CountingWorker.shardCount, bell: bell)
        }
        let began = ContinuousClock.now
        let results = Mutex<[(counted: Int, processor: Double)]>([])
        let workers = outputs.enumerated().map { number, output in
            let thread = Thread { [self] in
                let worker = CountingWorker(Int32(number), plan: plan, output: output)
                let counted = worker.count(messages)
                results.withLock { $0.append((counted, CountingBench.processorSeconds())) }
                bell.ring()
            }
            thread.stackSize = 8 << 20
            return thread
        }
        for worker in workers { worker.start() }
        // What is flushed is taken, as by a publisher; what it amounts to is dropped.
        let inbox = FlushInbox(outputs)
        while results.withLock({ $0.count }) < threads {
            bell.wait()
            _ = inbox.takeAll()
        }
        let elapsed = ContinuousClock.now - began
        let done = results.withLock { $0 }
        return Figures(
            counted: done.reduce(0) { $0 + $1.counted }, seconds: elapsed / .seconds(1),
            rateByProcessor: done.reduce(0) { $0 + Double($1.counted) / $1.processor })
    }

    /// Of the calling thread.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A counting thread with one partition.
private struct CountingWorker {
    private static let batchCount = 1_000
    static let shardCount = 6

    private let driver: WorkerDriver
    private let source: SourcePartition
    private let began = ContinuousClock.now

    init(_ number: Int32, plan: PipelinePlan, output: WorkerOutput) {
        let decoder = DecoderBox(
            plan.makeMessageDecoder(format: .cloudTrail, flowFields: nil, limits: DecodingLimits()))
        source = SourcePartition(topic: CountingBench.topic, partition: number)
        let began = began
        driver = WorkerDriver(
            WorkerTerms(
                partition: PartitionState.Terms(
                    plan: plan, shards: ShardMap(count: CountingWorker.shardCount),
                    lateHorizonNanoseconds: 3 * 86_400 * Timestamp.nanosecondsPerSecond,
                    idleTimeoutNanoseconds: 60 * Timestamp.nanosecondsPerSecond),
                flushInterval: .milliseconds(250), heldBytesMax: .max),
            output: output,
            surroundings: WorkerSurroundings(
                now: { began.duration(to: .now) }, clock: { Timestamp(nanoseconds: 4_000_000_000_000_000_000) },
                sentThrough: { 0 }, sink: NoSink(), watch: MessageWatch(),
                identities: { _ in DeliveredEvents(latest: EventIdentityWindow()) }, decoder: { _ in decoder }))
    }

    /// Returns how many were counted.
    func count(_ messages: [[UInt8]]) -> Int {
        let owner = PartitionOwner.resume(
            source: source, epoch: OwnerEpoch(generation: 1),
            chains: Array(
                repeating: SourceChainState(through: SourcePoint(offset: 0)), count: CountingWorker.shardCount),
            available: .init(low: 0, high: .max), start: 0
        ).owner
        _ = driver.step(.beforeBatch([.assign(TakenPartition(owner: owner, readFrom: 0, openings: []))]))
        var counted = 0
        for first in stride(from: 0, to: messages.count, by: Self.batchCount) {
            driver.beginBatch(of: [source])
            let now = began.duration(to: .now)
            let end = min(first + Self.batchCount, messages.count)
            var next = first
            while next < end {
                let run = next..<min(next + MessageRows.messagesMax, end)
                let fate = driver.countRun(
                    of: 0, offsets: Int64(run.lowerBound)...Int64(run.upperBound - 1), now: now
                ) { count in
                    for offset in run {
                        let message = messages[offset]
                        count(message.span.bytes, Self.terms(offset))
                    }
                }
                if let fate {
                    if case .counted = fate { counted += run.count }
                    next = run.upperBound
                    continue
                }
                let message = messages[next]
                switch driver.count(message.span.bytes, of: 0, Self.terms(next), now: now) {
                case .noRoom: _ = driver.step(.insideBatch([]))
                case .counted:
                    counted += 1
                    next += 1
                case .notOwned, .givenUp: next += 1
                }
            }
            _ = driver.step(.afterBatch)
        }
        return counted
    }

    private static func terms(_ number: Int) -> MessageTerms {
        MessageTerms(offset: Int64(number), fingerprint: nil, writtenAt: nil)
    }
}

/// What is audited has been made by then, and goes nowhere.
private final class NoSink: RecordSink {
    func audit(_ record: [UInt8], at position: SourcePosition) {}
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {}
    func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition) {}
}
