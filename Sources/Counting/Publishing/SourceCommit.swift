import Accounting

/// An offset of a source partition that its owner wants committed.
package struct SourceCommit: Hashable, Sendable {
    package let source: SourcePartition
    /// The owner's. A commit of an owner that another has followed must not be made.
    package let epoch: OwnerEpoch
    /// Everything before it is in every shard's log.
    package let offset: Int64
    /// Where a successor begins to read the logs.
    package let hint: OwnerHint

    package init(source: SourcePartition, epoch: OwnerEpoch, offset: Int64, hint: OwnerHint) {
        self.source = source
        self.epoch = epoch
        self.offset = offset
        self.hint = hint
    }
}
