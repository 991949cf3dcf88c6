import Accounting
import Counting
import KafkaClient
import Synchronization

/// Keeps an owner from committing a partition that it has given back.
///
/// The thread that gives partitions back and the one that commits meet here: after `close` returns no commit of them is under
/// way, and after they are open again, none of a former epoch.
final class CommitGate: Sendable {
    private let state = Mutex(OwnedEpochs())

    /// In which epochs this member has which sources.
    var owned: [SourcePartition: OwnerEpoch] { state.withLock { $0.epochs } }

    func open(_ partitions: [TopicPartition: OwnerEpoch]) {
        let epochs = Dictionary(uniqueKeysWithValues: partitions.map { (SourcePartition($0.key), $0.value) })
        state.withLock { $0.open(epochs) }
    }

    func close(_ partitions: some Sequence<TopicPartition>) {
        state.withLock { $0.close(partitions.map { SourcePartition($0) }) }
    }

    /// Runs `body` with the commits that may be made; not at all where there is none.
    func pass<Failure>(
        _ commits: [SourceCommit], _ body: ([SourceCommit]) throws(Failure) -> Void
    ) throws(Failure) {
        let result: Result<Void, Failure> = state.withLock { owned in
            let allowed = owned.allowed(commits)
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
