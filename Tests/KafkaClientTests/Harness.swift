import Foundation
import Synchronization
import TestSupport
import Testing

@testable import KafkaClient

/// `patience`, for what takes seconds.
let patienceSeconds = patience / .seconds(1)

/// A consumer with its coordinator thread and one thread for each worker, which collects what was handed out.
final class Member: KafkaConsumerDelegate {
    let consumer: KafkaConsumer
    private let relay: Relay
    private let state = Mutex(State())
    private let changed = NSCondition()
    private let running = Atomic(true)
    private let threads = Threads()

    struct Taken: Sendable, Equatable {
        var partition: TopicPartition
        var offset: Int64
        var value: [UInt8]
    }

    struct State {
        var taken: [Taken] = []
        var ends: [TopicPartition: Int64] = [:]
        var events: [KafkaEvent] = []
        var assigned: Set<TopicPartition> = []
        var assignments = 0
        var revoked: [ReleasedPartition] = []
        var lost: [ReleasedPartition] = []
        /// What the delegate saw handed out when a partition was taken away, after draining.
        var highestAtRevoke: [TopicPartition: Int64] = [:]
        var closeError: KafkaError?
    }

    /// The delegate of a consumer must exist before it does.
    final class Relay: KafkaConsumerDelegate {
        let member = Mutex<WeakMember>(WeakMember())
        struct WeakMember { weak var value: Member? }
        var target: Member? { member.withLock { $0.value } }
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { target?.assigned(partitions) ?? [] }
        func revoked(_ partitions: [ReleasedPartition]) { target?.revoked(partitions) }
        func lost(_ partitions: [ReleasedPartition]) { target?.lost(partitions) }
    }

    /// Who polls the consumer and its workers.
    enum Driver {
        case threads(workers: Int)
        case test

        var workers: Int { if case .threads(let workers) = self { workers } else { 1 } }
    }

    private let commitsOnRevoke: Bool
    private let start: StartPosition

    init(
        _ settings: KafkaSettings, group: String, topics: [String], commitsOnRevoke: Bool = true,
        start: StartPosition = .committed,
        observer: KafkaObserver = KafkaObserver(), driver: Driver = .threads(workers: 1)
    ) throws {
        var settings = settings
        settings.options.merge(Member.fast) { mine, _ in mine }
        relay = Relay()
        self.commitsOnRevoke = commitsOnRevoke
        self.start = start
        consumer = try KafkaConsumer(
            settings: settings, options: .init(group: group, workers: driver.workers), delegate: relay,
            observer: observer)
        relay.member.withLock { $0.value = self }
        try consumer.subscribe(to: topics)
        if case .threads = driver { run() }
    }

    /// The mock cluster is slow to rebalance, and does not wake an idle fetch.
    static let fast = [
        "session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "fetch.wait.max.ms": "20",
        "topic.metadata.refresh.interval.ms": "1000",
    ]

    private func run() {
        threads.start { [self] in
            while running.load() {
                let events = consumer.poll(timeout: .milliseconds(50))
                if !events.isEmpty { update { $0.events += events } }
            }
            do { try consumer.close() } catch { update { $0.closeError = error as? KafkaError } }
        }
        for worker in consumer.workers {
            threads.start { [self] in
                while running.load() { take(worker.poll(timeout: .milliseconds(50))) }
            }
        }
    }

    func take(_ batch: consuming MessageBatch) {
        if batch.isEmpty { return }
        var taken: [Taken] = []
        for index in 0..<batch.count {
            let message = batch[index]
            let value = message.value
            taken.append(
                Taken(
                    partition: batch.sources[message.source], offset: message.offset,
                    value: (0..<value.byteCount).map { value.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }))
        }
        let events = batch.events
        update { state in
            state.taken += taken
            for event in events {
                if case .partitionEnd(let end) = event { state.ends[end.partition] = end.offset }
                state.events.append(event)
            }
        }
    }

    private func update(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    var snapshot: State { state.withLock { $0 } }

    /// Waits until `condition` holds, at most `seconds`; the result says whether it does.
    func wait(_ seconds: Double = patienceSeconds, until condition: (State) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !state.withLock({ condition($0) }) {
            changed.lock()
            let inTime = changed.wait(until: min(deadline, Date(timeIntervalSinceNow: 0.05)))
            changed.unlock()
            if !inTime, Date() >= deadline { return state.withLock { condition($0) } }
        }
        return true
    }

    func stop() {
        running.store(false)
        threads.join()
    }

    // As the delegate.

    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
        update { state in
            state.assigned.formUnion(partitions)
            state.assignments += 1
        }
        return partitions.map {
            PartitionAssignment($0, start: start, worker: Int($0.partition) % consumer.workers.count)
        }
    }

    func revoked(_ partitions: [ReleasedPartition]) {
        // Drain: whatever was handed out must have been taken in before the partitions go.
        _ = wait { state in
            partitions.allSatisfy { released in
                guard let next = released.next, next > 0 else { return true }
                return state.taken.last { $0.partition == released.partition }.map { $0.offset >= next - 1 } ?? true
            }
        }
        if commitsOnRevoke {
            let offsets = partitions.compactMap { released in
                released.next.map { PartitionOffset(released.partition, offset: $0) }
            }
            do { try consumer.commit(offsets, timeout: patience) } catch {
                update { $0.events.append(.failure(error)) }
            }
        }
        update { state in
            for released in partitions {
                state.highestAtRevoke[released.partition] =
                    state.taken.last { $0.partition == released.partition }?.offset ?? -1
            }
            state.assigned.subtract(partitions.map(\.partition))
            state.revoked += partitions
        }
    }

    func lost(_ partitions: [ReleasedPartition]) {
        update { state in
            state.assigned.subtract(partitions.map(\.partition))
            state.lost += partitions
        }
    }
}

extension Member.State {
    /// What went wrong beside the messages: the first to look at when a test fails.
    var troubles: [String] {
        events.compactMap { if case .failure(let error) = $0 { "\(error)" } else { nil } } + lost.map { "lost \($0)" }
            + (closeError.map { ["close: \($0)"] } ?? [])
    }

    /// Offsets taken of each partition, in order of taking.
    var offsets: [TopicPartition: [Int64]] {
        Dictionary(grouping: taken, by: \.partition).mapValues { $0.map(\.offset) }
    }
}

/// An `Atomic<Bool>` by a mutex: the tests need no speed here.
final class Atomic: Sendable {
    private let value: Mutex<Bool>
    init(_ value: Bool) { self.value = Mutex(value) }
    func load() -> Bool { value.withLock { $0 } }
    func store(_ new: Bool) { value.withLock { $0 = new } }
}

final class Threads: Sendable {
    private let groups = DispatchGroup()

    func start(_ body: @escaping @Sendable () -> Void) {
        groups.enter()
        let groups = self.groups
        Thread.detachNewThread {
            body()
            groups.leave()
        }
    }

    func join() { groups.wait() }
}

/// Writes `count` messages, round robin over `partitions`, with a running number as value.
func produce(
    _ count: Int, to topic: String, partitions: Int32, with producer: KafkaProducer, from first: Int = 0,
    size: Int = 0
) throws {
    for number in first..<(first + count) {
        var value = Array("\(number)".utf8)
        if size > value.count { value += [UInt8](repeating: 0x2E, count: size - value.count) }
        try producer.send(
            topic: topic, partition: Int32(number) % partitions, key: Array("k\(number)".utf8), value: value)
    }
}

func number(_ value: [UInt8]) -> Int? { Int(String(decoding: value.prefix { $0 != 0x2E }, as: UTF8.self)) }
