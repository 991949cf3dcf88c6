import Accounting
import Decoding
import LockFree
import Records
import TelemetryModel
import TestObjectives

@testable import Counting
@testable import Planning

/// A worker's driver with what it has around it, of which time and the ring are the test's.
final class WorkerFixture {
    static let topic = "events"

    let output: WorkerOutput
    private(set) var driver: WorkerDriver
    private let inbox: FlushInbox
    let watch: MessageWatch
    let clock: TestClock

    final class TestClock {
        var now = Duration.zero
        var sentThrough: UInt64 = 0
    }

    /// When events of minute 0 are dated.
    static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    /// - Parameter trusted: what the trusted clock says, of which events are far behind.
    init(
        heldBytesMax: Int = .max, largeFlushBytes: Int = 4 << 20, shardCount: Int = 2,
        trusted: Timestamp = Timestamp(nanoseconds: 4_000_000_000_000_000_000)
    ) throws {
        let plan = try CallsObjective.failuresAndNames()
        let (clock, watch) = (TestClock(), MessageWatch(interval: .zero))
        output = WorkerOutput(topics: ["others", Self.topic], shardCount: shardCount, bell: Doorbell())
        inbox = FlushInbox([output])
        self.clock = clock
        self.watch = watch
        let decoder = DecoderBox(MessageDecoder(format: .cloudTrail, projections: plan.projections))
        driver = WorkerDriver(
            WorkerTerms(
                partition: PartitionState.Terms(
                    plan: plan, shards: ShardMap(count: shardCount),
                    lateHorizonNanoseconds: 30 * 86_400 * Timestamp.nanosecondsPerSecond,
                    idleTimeoutNanoseconds: 60 * Timestamp.nanosecondsPerSecond),
                flushInterval: .seconds(2), heldBytesMax: heldBytesMax, largeFlushBytes: largeFlushBytes),
            output: output,
            surroundings: WorkerSurroundings(
                now: { clock.now }, clock: { trusted },
                sentThrough: { clock.sentThrough }, sink: MemorySink(), watch: watch, identities: { _ in nil },
                decoder: { $0 == Self.topic ? decoder : nil }))
    }

    /// What is in the ring, which is empty then.
    func taken() -> [PartitionFlush] { inbox.takeAll() }

    static func source(_ partition: Int32) -> SourcePartition { SourcePartition(topic: topic, partition: partition) }

    /// - Parameter chains: the offsets up to which the shards have counted the partition before.
    static func assign(_ partition: Int32, epoch: Int32 = 1, chains: [Int64] = [0, 0]) -> WorkerRequest {
        let resumption = PartitionOwner.resume(
            source: source(partition), epoch: OwnerEpoch(generation: epoch),
            chains: chains.map { SourceChainState(through: SourcePoint(offset: $0)) },
            available: .init(low: 0, high: 1_000_000), start: 0)
        return .assign(
            TakenPartition(
                owner: resumption.owner, readFrom: resumption.owner.position.offset, openings: resumption.openings))
    }

    static func event(minute: Int = 0, name: String = "A") -> String {
        let time = start.advanced(by: Int64(minute) * 60_000_000_000)
        return #"{"eventTime":"\#(time)","eventName":"\#(name)"}"#
    }

    /// Counts a message of the batch's source at `index`.
    @discardableResult
    func count(_ text: String = event(), of index: Int = 0, at offset: Int64) -> MessageFate {
        let bytes = Array(text.utf8)
        return driver.count(
            bytes.span.bytes, of: index,
            MessageTerms(
                offset: offset, fingerprint: RecordFingerprint(timestampMilliseconds: offset, byteCount: bytes.count),
                writtenAt: nil), now: clock.now)
    }

    /// Begins a batch of these partitions.
    func begin(_ partitions: Int32...) { driver.beginBatch(of: partitions.map(Self.source)) }

    func live(_ partition: Int32) -> LivePartition? {
        output.live.partitions.first { $0.source == Self.source(partition) }
    }
}

extension PartitionFlush {
    var partition: Int32 { source.partition }
    var points: [Int64] { [range.from.offset, range.to.offset] }
    var events: Int { statistics.decodedTotal }
}
