import KafkaClient
import Synchronization

/// Keeps an owner from committing a partition that it has given back.
///
/// The broker takes a commit from any member of the present generation, whoever owns the partition. A late one would
/// carry a hint of the old owner's epoch to the next but one, and so lead it past claims that it must see. So the thread
/// that gives partitions back and the one that commits meet here: after `close` returns no commit of them is under way.
final class CommitGate: Sendable {
    private let closed = Mutex<Set<TopicPartition>>([])

    func open(_ partitions: some Sequence<TopicPartition>) {
        closed.withLock { $0.subtract(partitions) }
    }

    func close(_ partitions: some Sequence<TopicPartition>) {
        closed.withLock { $0.formUnion(partitions) }
    }

    /// Runs `body` with those of the partitions that may be committed.
    func pass<Failure>(
        _ offsets: [OffsetAndMetadata], _ body: ([OffsetAndMetadata]) throws(Failure) -> Void
    ) throws(Failure) {
        let result: Result<Void, Failure> = closed.withLock { closed in
            let allowed = offsets.filter { !closed.contains($0.position.partition) }
            do throws(Failure) {
                if !allowed.isEmpty { try body(allowed) }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
