import Accounting
import Counting
import Synchronization

/// Up to where this process has told the shards: the threads that take over and publish note it, the one that reads back asks.
final class SentRanges: Sendable {
    private let sent = Mutex(SentThrough())

    var current: SentThrough { sent.withLock { $0 } }

    func begin(_ owners: some Sequence<PartitionOwner>) {
        sent.withLock { sent in for owner in owners { sent.begin(owner) } }
    }

    func note(_ source: SourcePartition, to point: SourcePoint) { sent.withLock { $0.note(source, to: point) } }
}
