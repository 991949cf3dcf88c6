import Accounting
import KafkaClient
import Synchronization

/// Keeps an owner from committing a partition that it has given back.
///
/// The broker takes a commit from any member of the present generation, whoever owns the partition. A late one would
/// carry a hint of the old owner's epoch to the next but one, and so lead it past claims that it must see. So the thread
/// that gives partitions back and the one that commits meet here: after `close` returns no commit of them is under way,
/// and after they are open again, none of a former epoch.
final class CommitGate: Sendable {
    struct Commit: Sendable {
        let offset: OffsetAndMetadata
        let epoch: OwnerEpoch
    }

    private let owned = Mutex<[TopicPartition: OwnerEpoch]>([:])

    func open(_ partitions: [TopicPartition: OwnerEpoch]) {
        owned.withLock { $0.merge(partitions) { $1 } }
    }

    func close(_ partitions: some Sequence<TopicPartition>) {
        owned.withLock { owned in
            for partition in partitions { owned[partition] = nil }
        }
    }

    /// Runs `body` with the offsets that may be committed.
    func pass<Failure>(
        _ commits: [Commit], _ body: ([OffsetAndMetadata]) throws(Failure) -> Void
    ) throws(Failure) {
        let result: Result<Void, Failure> = owned.withLock { owned in
            let allowed = commits.filter { owned[$0.offset.position.partition] == $0.epoch }.map(\.offset)
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
