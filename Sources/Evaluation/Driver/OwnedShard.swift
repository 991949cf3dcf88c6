import Accounting
import Records
import TelemetryModel

/// A shard in the hands of its evaluator, under the epoch of its results.
///
/// `@unchecked Sendable`: who has restored it hands it to the evaluating thread, and never touches it again.
package final class OwnedShard: @unchecked Sendable {
    package let shard: Int32
    package let epoch: OwnerEpoch
    /// The owner whose results were restored.
    package let former: OwnerEpoch?
    /// The end that the shard's log had when it was restored.
    package let writtenSince: Int64
    /// In which form checkpoints are written: once in the newer one always in that, because of checkpoints those go first.
    package let form: RecordForm
    package internal(set) var evaluator: ShardEvaluator<EvaluationShard>

    /// What the last state of the alerts includes; `nil` where none was written in this epoch.
    private(set) var alertStateNext: Int64?
    private var alertStateAt: Duration?
    private var alertStates = 0
    private var begunAt: Duration?

    package init(
        shard: Int32, epoch: OwnerEpoch, former: OwnerEpoch? = nil, writtenSince: Int64 = 0, form: RecordForm = .first,
        evaluator: ShardEvaluator<EvaluationShard>
    ) {
        self.shard = shard
        self.epoch = epoch
        self.former = former
        self.writtenSince = writtenSince
        self.form = form
        self.evaluator = evaluator
    }

    /// Takes what has to leave the process. The state of the alerts is due with the first of it: what was taken over from the feed has to
    /// be kept, and what was restored is kept alive.
    func takeResults(at now: Duration, pastBefore: Timestamp?) -> EvaluationShard.Results {
        let isStateDue = alertStateAt.map { now - $0 >= EvaluatorDriver.alertStateInterval } ?? true
        let begun = begunAt ?? now
        begunAt = begun
        var terms = PublishingTerms(
            epoch: epoch, form: form, next: evaluator.next, pastBefore: pastBefore, isStateDue: isStateDue,
            former: isBehindFormer ? former : nil)
        terms.takesBack = evaluator.next >= writtenSince && now - begun >= EvaluatorDriver.takeBackDelay
        let results = evaluator.content.takeResults(terms)
        isBehindFormer = evaluator.next < writtenSince
        if let state = results.alertState {
            alertStateAt = now
            alertStateNext = state.next
            alertStates += 1
        }
        return results
    }

    /// What was read so far may have been published by the former owner too.
    private var isBehindFormer = true

    /// The records of the state that was taken last.
    func records(of state: AlertState) -> [ResultRecord] {
        state.records(shard: shard, epoch: epoch.rawValue, sequence: alertStates).map { .alertState($0) }
    }
}
