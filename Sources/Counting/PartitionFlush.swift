import Accounting
import Records
import TelemetryModel

/// What a range of a source partition amounts to: the message from the counting thread to the publishing one.
package struct PartitionFlush: Sendable {
    package let source: SourcePartition
    package let epoch: OwnerEpoch
    package let range: PartitionOwner.SealedRange
    /// Set where the range's records could not be read.
    package internal(set) var gap: SourceGapCause?
    package let progress: SourceProgress
    /// What the source's state is behind the range.
    package internal(set) var state = SourceState()
    /// Where the shards' chains end when everything before the range is in them.
    package let chainEnds: [SourcePoint]
    /// What the range adds, for each shard in order.
    package let amounts: [ChangelogAmounts]
    package let statistics: PipelineStatistics
    /// Records that the partition sent to topics are acknowledged when the producer has resolved this sequence.
    package let sentThrough: UInt64
    /// Set on a partition's last flush: who has given the partition back waits until its offsets are committed.
    package let released: ReleaseToken?
    /// `nil` where event time has passed nothing.
    package internal(set) var passage: EndPassage?
    /// About what the amounts take, in bytes.
    package var bytes = 0
}
