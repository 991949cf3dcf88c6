import Dispatch
import TelemetryModel

/// Restores ledgers from the partitions of the windows topic, on all cores.
///
/// One thread reads records and adds them; they are decoded behind its back, each partition's one after the other and
/// several partitions' at the same time. No two threads ever touch one ledger, and each sees its records in their
/// partition's order, so that the outcome is the same however the work was divided.
///
/// One thread at a time may use it. It may be dropped before it is finished.
public final class WindowRestoration {
    private var lanes: [Int32: Lane] = [:]
    private let unfinished = DispatchGroup()
    private let room = DispatchSemaphore(value: WindowRestoration.batchesMax)

    private let batchBytes: Int
    /// Of half a megabyte each unless told otherwise: 16 MB may wait to be decoded.
    private static let batchesMax = 32

    /// - Parameters:
    ///   - ledgers: by the partition that holds their records, without counts.
    ///   - isOwn: whether the history of an objective of this name is wanted that none of the ledgers is of; of a partition
    ///     for which a list is given, be it an empty one.
    ///   - batchBytes: how much is handed over at once; a few milliseconds of work, so that the handing costs nothing
    ///     beside.
    public init(
        _ ledgers: [Int32: [ObjectiveLedger]], isOwn: @escaping @Sendable (String) -> Bool = { _ in false },
        batchBytes: Int = 1 << 19
    ) {
        self.batchBytes = batchBytes
        for (partition, ledgers) in ledgers {
            lanes[partition] = Lane(RestoredPartition(partition, ledgers, isOwn: isOwn))
        }
    }

    /// Takes a record's bytes, and up to when its shard's slices had been judged when it was written. Waits while too
    /// much is still to be decoded. A partition that no ledger was given for is skipped.
    public func add(_ value: RawSpan, judgedThrough times: EventTimes?, partition: Int32, offset: Int64) {
        guard let lane = lanes[partition] else { return }
        if lane.waiting.bytes.isEmpty { lane.waiting.bytes.reserveCapacity(2 * batchBytes) }
        value.withUnsafeBytes { lane.waiting.bytes.append(contentsOf: $0) }
        lane.waiting.records.append((lane.waiting.bytes.count, times, offset))
        if lane.waiting.bytes.count >= batchBytes { hand(over: lane) }
    }

    /// What the records say, in the order of partitions, once all are decoded.
    public func finish() -> [RestoredPartition] {
        let ordered = lanes.values.sorted { $0.partition < $1.partition }
        lanes = [:]
        for lane in ordered { hand(over: lane) }
        unfinished.wait()
        return ordered.map { $0.takeRestored() }
    }

    private func hand(over lane: Lane) {
        let batch = lane.waiting
        if batch.records.isEmpty { return }
        lane.waiting = Batch()
        room.wait()
        lane.queue.async(group: unfinished) { [room] in
            lane.decode(batch)
            room.signal()
        }
    }

    /// Records one behind the other, as an allocation for each would be made by one thread and freed by another.
    private struct Batch: Sendable {
        var bytes: [UInt8] = []
        var records: [(end: Int, judgedThrough: EventTimes?, offset: Int64)] = []
    }

    /// One partition's work.
    ///
    /// `@unchecked Sendable`: `waiting` is the adding thread's; the rest is touched on `queue` only, and by the adding
    /// thread once all that was put there is done.
    private final class Lane: @unchecked Sendable {
        let partition: Int32
        /// Serial; its work runs on the threads that all queues share, as many as there are cores.
        let queue: DispatchQueue
        var waiting = Batch()
        private var record: [UInt8] = []
        private var restored: RestoredPartition

        init(_ restored: RestoredPartition) {
            partition = restored.partition
            queue = DispatchQueue(label: "tidewatch.windows.\(restored.partition)", target: .global())
            self.restored = restored
        }

        func decode(_ batch: Batch) {
            var start = 0
            for (end, judgedThrough, offset) in batch.records {
                record.removeAll(keepingCapacity: true)
                record.append(contentsOf: batch.bytes[start..<end])
                restored.take(record, judgedThrough: judgedThrough, offset: offset)
                start = end
            }
        }

        func takeRestored() -> RestoredPartition {
            restored.finish()
            return restored
        }
    }
}
