import Accounting
import Records
import TelemetryModel

/// A shard in the hands of its evaluator, under the epoch of its results.
///
/// `@unchecked Sendable`: who has restored it hands it to the evaluating thread, and never touches it again.
package final class OwnedShard: @unchecked Sendable {
    package let shard: Int32
    package let epoch: OwnerEpoch
    /// The end that the shard's log had when it was restored.
    package let writtenSince: Int64
    /// In which form checkpoints are written: once in the newer one always in that, because of checkpoints those go first.
    package let form: RecordForm
    package internal(set) var evaluator: ShardEvaluator<EvaluationShard>

    package init(
        shard: Int32, epoch: OwnerEpoch, writtenSince: Int64 = 0, form: RecordForm = .first,
        evaluator: ShardEvaluator<EvaluationShard>
    ) {
        self.shard = shard
        self.epoch = epoch
        self.writtenSince = writtenSince
        self.form = form
        self.evaluator = evaluator
    }
}
