import Aggregation
import KafkaClient
import TelemetryModel

/// What one source partition amounts to at one offset: the message from the counting stage to the evaluating stage.
///
/// Counts are cumulative, so the latest flush of a partition replaces all earlier ones, and a lost or repeated one would
/// do no harm.
struct PartitionFlush: Sendable {
    struct Slice: Sendable, Hashable {
        /// An index into the plan's indicator parts.
        let part: Int
        let start: Timestamp
    }

    /// The records of one kind that had events in one hour of event time.
    struct Trace: Sendable {
        let kind: EventKind
        let hour: Timestamp
        let firstOffset: Int64
        let lastOffset: Int64
    }

    let partition: TopicPartition
    /// The next offset to read: everything below it is in this flush or an earlier one.
    let nextOffset: Int64?
    /// The partition's latest event time.
    let watermark: Timestamp?
    /// Read to its end, and silent for the idle timeout.
    let isIdle: Bool
    /// Slices that changed, with all that was counted in them since they were opened.
    let slices: [(Slice, SliceTally)]
    /// Slices that the counting stage has let go of: what it counts in them from now on comes on top.
    let folded: [Slice]
    let late: [(Slice, Int64)]
    /// Cells of rollups that changed; `nil` where this flush leaves them out.
    let rollups: [(rollup: Int, change: RollupChange)]?
    let traces: [Trace]
    let statistics: PipelineStatistics
    /// Records that the partition sent to topics are acknowledged when the producer has resolved this sequence.
    let sentThrough: UInt64
    /// Set on a partition's last flush, and reached when its offsets are committed.
    let released: Milestone?
}
