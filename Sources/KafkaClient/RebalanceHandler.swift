import CRDKafka

/// The consumer's side of a rebalance: who has what, and in which order things happen.
///
/// Order on assignment: ask the delegate, resolve committed offsets, tell the workers, forward the queues, start. So the
/// first message already finds its slot. Order on revocation: take the slots away (no poll that starts later returns a
/// message of theirs), let the delegate drain and commit, and only then give the partitions back.
final class RebalanceHandler: Sendable {
    private let delegate: any KafkaConsumerDelegate
    private let whenNothingCommitted: StartPosition
    private let state = Guarded(State())

    private struct State {
        var workers: [KafkaWorker] = []
        var owners: [TopicPartition: Int] = [:]
        var events: [KafkaEvent] = []
        /// Whether the group has said what this member gets, be it nothing, and has not taken it away since.
        var isTakenIn = false
    }

    init(delegate: any KafkaConsumerDelegate, whenNothingCommitted: StartPosition) {
        self.delegate = delegate
        self.whenNothingCommitted = whenNothingCommitted
    }

    var workers: [KafkaWorker] { state.withLock { $0.workers } }
    func install(_ workers: [KafkaWorker]) { state.withLock { $0.workers = workers } }

    func report(_ event: KafkaEvent) { state.withLock { $0.events.append(event) } }
    func takeEvents() -> [KafkaEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    var assignment: [TopicPartition] { state.withLock { $0.owners.keys.sorted() } }
    var isTakenIn: Bool { state.withLock { $0.isTakenIn } }
    func owner(of partition: TopicPartition) -> KafkaWorker? {
        state.withLock { state in state.owners[partition].map { state.workers[$0] } }
    }

    /// librdkafka's rebalance callback, on the thread that polls or closes the consumer.
    func rebalanced(_ client: OpaquePointer, _ code: rd_kafka_resp_err_t, _ list: ClientContext.List?) {
        let partitions = unsafe PartitionList.elements(of: list).map(\.partition).sorted()
        workers.first?.client.mayAbortOnDestroy = false
        switch code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            unsafe assign(client, partitions.isEmpty ? [] : plan(client, partitions))
            state.withLock { $0.isTakenIn = true }
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            if unsafe rd_kafka_assignment_lost(client) != 0 { state.withLock { $0.isTakenIn = false } }
            unsafe revoke(client, partitions)
        default:
            report(.failure(KafkaError(code: KafkaError.Code(code), operation: "rebalance")))
            unsafe rd_kafka_assign(client, nil)
        }
    }

    private struct Plan {
        var partition: TopicPartition
        var worker: Int
        var start: Int64
    }

    private func plan(_ client: OpaquePointer, _ partitions: [TopicPartition]) -> [Plan] {
        let workers = self.workers
        var wanted: [TopicPartition: PartitionAssignment] = [:]
        for answer in delegate.assigned(partitions) { wanted[answer.partition] = answer }
        let answers = partitions.map { partition in
            wanted[partition]
                ?? PartitionAssignment(partition, worker: Int(partition.partition) % workers.count)
        }
        let asked = answers.filter { $0.start == .committed }.map(\.partition)
        let committed = unsafe asked.isEmpty ? [:] : self.committed(client, asked)
        return answers.map { answer in
            precondition(workers.indices.contains(answer.worker), "a partition was given to a worker that is not there")
            return Plan(
                partition: answer.partition, worker: answer.worker,
                start: Self.offset(answer.start, committed: committed[answer.partition]))
        }
    }

    /// librdkafka's number for a start. A negative one is its word for begin, end or "ask the group".
    private static func offset(_ start: StartPosition, committed: Int64?) -> Int64 {
        switch start {
        case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .end: Int64(RD_KAFKA_OFFSET_END)
        case .offset(let offset): max(0, offset)
        case .committed: committed ?? Int64(RD_KAFKA_OFFSET_STORED)
        }
    }

    /// The group's positions. What could not be asked is left out, and librdkafka then asks for itself until it has an
    /// answer; where nothing is committed the answer is the policy, never a silent reset.
    private func committed(_ client: OpaquePointer, _ partitions: [TopicPartition]) -> [TopicPartition: Int64] {
        let list = PartitionList(partitions)
        let result = unsafe list.lend { unsafe rd_kafka_committed(client, $0, 10_000) }
        if result != RD_KAFKA_RESP_ERR_NO_ERROR {
            report(.failure(KafkaError(code: KafkaError.Code(result), operation: "committed")))
            return [:]
        }
        var found: [TopicPartition: Int64] = [:]
        for element in list.elements where element.code == .none {
            found[element.partition] =
                element.offset >= 0 ? element.offset : Self.offset(whenNothingCommitted, committed: nil)
        }
        return found
    }

    private func assign(_ client: OpaquePointer, _ plans: [Plan]) {
        let workers = self.workers
        state.withLock { state in
            for plan in plans { state.owners[plan.partition] = plan.worker }
        }
        for plan in plans {
            workers[plan.worker].add(plan.partition, next: plan.start >= 0 ? plan.start : nil)
            workers[plan.worker].attach(plan.partition)
        }
        let list = PartitionList(plans.map { PartitionOffset($0.partition, offset: $0.start) })
        if let error = unsafe list.lend({ unsafe rd_kafka_incremental_assign(client, $0) }) {
            report(.failure(unsafe KafkaError(consuming: error, operation: "assign")))
        }
    }

    private func revoke(_ client: OpaquePointer, _ partitions: [TopicPartition]) {
        let workers = self.workers
        var paused: [TopicPartition] = []
        var released: [ReleasedPartition] = []
        for partition in partitions {
            guard let worker = state.withLock({ $0.owners.removeValue(forKey: partition) }) else { continue }
            guard let last = workers[worker].remove(partition) else { continue }
            if last.wasPaused { paused.append(partition) }
            released.append(ReleasedPartition(partition: partition, worker: worker, next: last.next))
        }
        if !released.isEmpty {
            if unsafe rd_kafka_assignment_lost(client) != 0 {
                delegate.lost(released)
            } else {
                delegate.revoked(released)
            }
        }
        if !paused.isEmpty {
            // librdkafka keeps a partition's pause over assignments, and its next owner here would wait for ever.
            _ = unsafe PartitionList(paused).lend { unsafe rd_kafka_resume_partitions(client, $0) }
        }
        let list = PartitionList(partitions)
        if let error = unsafe list.lend({ unsafe rd_kafka_incremental_unassign(client, $0) }) {
            report(.failure(unsafe KafkaError(consuming: error, operation: "unassign")))
        }
    }
}
