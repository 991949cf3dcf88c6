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

    /// A few milliseconds of work, so that handing it over costs nothing beside.
    private static let batchBytes = 1 << 19
    /// What may wait to be decoded: 16 MB.
    private static let batchesMax = 32

    /// - Parameter ledgers: by the partition that holds their records, without counts.
    public init(_ ledgers: [Int32: [ObjectiveLedger]]) {
        for (partition, ledgers) in ledgers { lanes[partition] = Lane(partition, ledgers) }
    }

    /// Takes a record's bytes, and up to when its objective's slices had been judged when it was written. Waits while too
    /// much is still to be decoded. A partition that no ledger was given for is passed over.
    public func add(_ value: [UInt8], judgedThrough time: Timestamp?, partition: Int32) {
        guard let lane = lanes[partition] else { return }
        lane.waiting.append(Batch.Record(value: value, judgedThrough: time))
        lane.waitingBytes += value.count
        if lane.waitingBytes >= WindowRestoration.batchBytes { hand(over: lane) }
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
        if lane.waiting.isEmpty { return }
        let batch = Batch(records: lane.waiting)
        lane.waiting.removeAll(keepingCapacity: true)
        lane.waitingBytes = 0
        room.wait()
        lane.queue.async(group: unfinished) { [room] in
            lane.decode(batch)
            room.signal()
        }
    }

    private struct Batch: Sendable {
        struct Record {
            let value: [UInt8]
            let judgedThrough: Timestamp?
        }

        let records: [Record]
    }

    /// One partition's work.
    ///
    /// `@unchecked Sendable`: `waiting` and `waitingBytes` are the adding thread's; `restored` is touched on `queue` only,
    /// and by the adding thread once all that was put there is done.
    private final class Lane: @unchecked Sendable {
        let partition: Int32
        /// Serial; its work runs on the threads that all queues share, as many as there are cores.
        let queue: DispatchQueue
        var waiting: [Batch.Record] = []
        var waitingBytes = 0
        private var restored: RestoredPartition

        init(_ partition: Int32, _ ledgers: [ObjectiveLedger]) {
            self.partition = partition
            queue = DispatchQueue(label: "tidewatch.windows.\(partition)", target: .global())
            restored = RestoredPartition(ledgers)
        }

        func decode(_ batch: Batch) {
            for record in batch.records { restored.take(record.value, judgedThrough: record.judgedThrough) }
        }

        func takeRestored() -> RestoredPartition { restored }
    }
}
