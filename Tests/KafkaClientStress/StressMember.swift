import Foundation
import KafkaClient
import TestSupport

/// A group member with two worker threads, one of which pauses and resumes what it has.
final class StressMember: KafkaConsumerDelegate {
    private let stress: Stress
    private let group = DispatchGroup()
    private let state = Guarded(State())
    private let consumer = Guarded<KafkaConsumer?>(nil)

    private struct State {
        var isRunning = true
        var isAssigned = false
        /// How many turns each worker has begun; `Int.max` when it has ended.
        var turns = [0, 0]
    }

    init(_ stress: Stress) throws {
        self.stress = stress
        let consumer = try KafkaConsumer(
            settings: stress.settings, options: .init(group: "g", workers: 2), delegate: self)
        self.consumer.withLock { $0 = consumer }
        try consumer.subscribe(to: ["t"])
        start(group) { [self] in
            while isRunning { for event in consumer.poll(timeout: .milliseconds(20)) { check(event) } }
            do { try consumer.close() } catch { stress.report("close: \(error)") }
        }
        for worker in consumer.workers { start(group) { [self] in work(worker) } }
    }

    private var isRunning: Bool { state.withLock { $0.isRunning } }

    private func work(_ worker: KafkaWorker) {
        var turn = 0
        defer { state.withLock { $0.turns[worker.index] = .max } }
        while isRunning {
            turn += 1
            state.withLock { [turn] in $0.turns[worker.index] = turn }
            let batch = worker.poll(max: 100, timeout: .milliseconds(20))
            finish(batch)
            if worker.index == 1, turn % 50 == 0 {
                let mine = worker.positions.map(\.partition)
                do {
                    try worker.pause(mine)
                    finish(worker.poll(max: 100, timeout: .milliseconds(5)))
                    try worker.resume(mine)
                } catch { stress.report("pause: \(error)") }
            }
        }
    }

    private func finish(_ batch: borrowing MessageBatch) {
        var offsets: [Int: [Int64]] = [:]
        var values: [Int: [(producer: Int, number: Int)]] = [:]
        for index in 0..<batch.count {
            let message = batch[index]
            let value = message.value
            let text = String(
                decoding: (0..<value.byteCount).map { value.unsafeLoad(fromByteOffset: $0, as: UInt8.self) },
                as: UTF8.self)
            let parts = text.split(separator: " ").compactMap { Int($0) }
            if parts.count != 2 {
                stress.report("unreadable value \(text)")
            } else {
                offsets[message.source, default: []].append(message.offset)
                values[message.source, default: []].append((parts[0], parts[1]))
            }
        }
        for (source, list) in offsets {
            stress.take(batch.sources[source].partition, list, values[source] ?? [])
        }
        for event in batch.events { check(event) }
    }

    private func check(_ event: KafkaEvent) {
        switch event {
        case .positionLost(let partition, let error): stress.report("position of \(partition) lost: \(error)")
        case .failure(let error) where error.isFatal: stress.report("\(error)")
        case .failure, .partitionEnd: break
        }
    }

    func waitForAssignment(until end: Date) {
        _ = eventually(within: .seconds(end.timeIntervalSinceNow), every: .milliseconds(10)) {
            state.withLock { $0.isAssigned }
        }
    }

    func stop() {
        state.withLock { $0.isRunning = false }
        group.wait()
        consumer.withLock { $0 = nil }
    }

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        state.withLock { $0.isAssigned = true }
        return partitions.map { PartitionAssignment($0, worker: Int($0.partition) % 2) }
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        // No poll that starts now returns a message of theirs, and a worker finishes its batch before it begins another
        // turn: so once both have begun one, or ended, everything that was handed out is done with.
        let before = state.withLock { $0.turns }
        let isDone = eventually(within: .seconds(5), every: .milliseconds(1)) {
            state.withLock { state in !zip(state.turns, before).contains { $0 <= $1 && $0 != .max } }
        }
        guard isDone else { return stress.report("a worker did not finish its turn") }
        let offsets = partitions.compactMap { released in
            released.next.map { PartitionOffset(released.partition, offset: $0) }
        }
        do { try consumer.withLock { $0 }?.commit(offsets, timeout: .seconds(10)) } catch {
            stress.report("commit: \(error)")
        }
    }

    func lost(_ partitions: [ReleasedPartition]) { stress.report("lost \(partitions)") }
}
