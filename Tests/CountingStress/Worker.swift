import Accounting
import Counting
import Decoding
import Glibc
import Planning
import Records
import TelemetryModel

/// A counting thread with two partitions of its feed's topic. One of them is given back now and then, and taken again.
final class Worker {
    static let epoch = OwnerEpoch(generation: 1)
    private static let batchCount = 50

    private let feed: Feed
    private let driver: WorkerDriver
    private let output: WorkerOutput
    private let sources: [SourcePartition]
    /// The next offset of each.
    private var offsets: [Int64] = [0, 0]
    private var tokens: UInt64 = 0
    private(set) var waits = 0

    init(_ feed: Feed, plan: PipelinePlan, output: WorkerOutput, now: @escaping () -> Duration) {
        self.feed = feed
        self.output = output
        sources = Worker.sources(of: feed)
        let format: InputFormat = feed.topic == "trail" ? .cloudTrail : .vpcFlow
        let decoder = DecoderBox(
            plan.makeMessageDecoder(format: format, flowFields: nil, limits: DecodingLimits()))
        driver = WorkerDriver(
            WorkerTerms(
                partition: PartitionState.Terms(
                    plan: plan, shards: ShardMap(count: 1),
                    lateHorizonNanoseconds: 30 * 86_400 * Timestamp.nanosecondsPerSecond,
                    idleTimeoutNanoseconds: 60 * Timestamp.nanosecondsPerSecond),
                flushInterval: .milliseconds(20), heldBytesMax: 20_000),
            output: output,
            surroundings: WorkerSurroundings(
                now: now, clock: { Timestamp(nanoseconds: 4_000_000_000_000_000_000) }, sentThrough: { 0 },
                sink: NoOutlet(), watch: nil, identities: { _ in nil }, decoder: { _ in decoder }))
    }

    static func sources(of feed: Feed) -> [SourcePartition] {
        (0..<2).map { SourcePartition(topic: feed.topic, partition: $0) }
    }

    private func assign(_ index: Int) -> WorkerRequest {
        let point = SourcePoint(offset: offsets[index])
        let owner = PartitionOwner.resume(
            source: sources[index], epoch: Worker.epoch, chains: [SourceChainState(through: point)],
            available: .init(low: 0, high: .max), start: 0
        ).owner
        return .assign(TakenPartition(owner: owner, readFrom: offsets[index], openings: []))
    }

    /// Counts until `isOver` says so, and gives back what it has. Returns how many messages each partition had.
    func run(until isOver: () -> Bool, now: () -> Duration) -> [Int] {
        _ = driver.step(.beforeBatch([assign(0), assign(1)]))
        var batches = 0
        while !isOver() {
            batches += 1
            driver.beginBatch(of: sources)
            let now = now()
            for number in 0..<Worker.batchCount { count(index: number % 2, now: now) }
            _ = driver.step(.afterBatch)
            if batches % 20 == 0 {
                giveBack(1)
                _ = driver.step(.beforeBatch([assign(1)]))
            }
        }
        giveBack(0)
        giveBack(1)
        return offsets.map { Int($0) }
    }

    /// The last flush may have to wait for room.
    private func giveBack(_ index: Int) {
        tokens += 1
        _ = driver.step(.beforeBatch([.release(sources[index], ReleaseToken(number: tokens))]))
        while output.live.partitions.contains(where: { $0.source == sources[index] }) {
            wait()
            _ = driver.step(.beforeBatch([]))
        }
    }

    private func count(index: Int, now: Duration) {
        let offset = offsets[index]
        let bytes = feed.messages[Int(offset) % feed.messages.count]
        while true {
            let fate = driver.count(
                bytes.span.bytes, of: index, MessageTerms(offset: offset, fingerprint: nil, writtenAt: nil), now: now)
            if case .noRoom = fate {
                _ = driver.step(.insideBatch([]))
                wait()
                continue
            }
            Legality.check(fate == .counted, "\(sources[index]) at \(offset): \(fate)")
            offsets[index] += 1
            return
        }
    }

    private func wait() {
        waits += 1
        sched_yield()
    }
}

/// Nothing is audited here, and every record is one.
private final class NoOutlet: RecordSink {
    func audit(_ record: [UInt8], at position: SourcePosition) {}
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        Legality.check(false, "a record was rejected: \(rejection.reason)")
    }
}
