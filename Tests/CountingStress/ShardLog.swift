import Accounting
import Counting
import LockFree
import Records
import Synchronization

/// A shard's log in memory, from the publisher to the evaluator; it begins with the claims and openings of all sources.
final class ShardLog: Sendable {
    let beginning: [[UInt8]]
    let sources: [SourcePartition]
    let epoch: OwnerEpoch
    let entries = SPSCRing<[UInt8]>(capacity: 64)
    let bell = Doorbell()
    private let isClosedFlag = Atomic<Bool>(false)

    init(sources: [SourcePartition], epoch: OwnerEpoch) {
        self.sources = sources
        self.epoch = epoch
        beginning = sources.flatMap { source in
            let opening = ChangelogUpdate(
                source: source, epoch: epoch, from: nil, to: SourcePoint(offset: 0), progress: SourceProgress(),
                amounts: ChangelogAmounts())
            return [
                ShardEntry<ChangelogAmounts>.claim(Claim(source: source, epoch: epoch)).json(in: .first),
                ShardEntry.update(opening).json(in: .first),
            ]
        }
    }

    var isClosed: Bool { isClosedFlag.load(ordering: .acquiring) }

    /// The publisher alone, after its last entry.
    func close() {
        isClosedFlag.store(true, ordering: .releasing)
        bell.ring()
    }
}
