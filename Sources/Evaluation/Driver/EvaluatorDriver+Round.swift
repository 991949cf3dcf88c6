import Accounting
import Alerting
import Records
import TelemetryModel

extension EvaluatorDriver {
    /// One round of publishing: the results of some shards, taken together, and the steps in which they go out.
    struct Round {
        private enum Step {
            case alerts
            case alertStates
            case results
            case checkpoints
            case done
        }

        let shards: [OwnedShard]
        private let alerts: [FeedAlert]
        private let results: [EvaluationShard.Results]
        private var step = Step.alerts

        /// Takes the shards' results: they are in nobody's hands but this round's now.
        ///
        /// - Parameters:
        ///   - now: of the monotonic clock.
        ///   - pastBefore: what happened before is past.
        init(of shards: [OwnedShard], at now: Duration, pastBefore: Timestamp?) {
            self.shards = shards
            results = shards.map { $0.takeResults(at: now, pastBefore: pastBefore) }
            alerts = AlertOrder.sorted(results.flatMap(\.alerts)) { $0.transition }
        }

        /// The changes of alerts, without what is said again.
        var changes: [AlertTransition] { alerts.filter { $0.openAt == nil }.map(\.transition) }

        var recordCount: Int { results.reduce(0) { $0 + $1.records.count } }

        var hasWindows: Bool { results.contains { $0.records.contains(where: \.isWindow) } }

        /// The records of the next step, when those of the last are acknowledged; `nil` when there is none.
        mutating func next(shardCount: Int, _ partitions: StatePartitions) -> [ResultRecord]? {
            switch step {
            case .alerts:
                step = .alertStates
                return alerts.map { .alert($0) }
            case .alertStates:
                step = .results
                return zip(shards, results).flatMap { owner, taken in
                    taken.alertState.map { owner.records(of: $0) } ?? []
                }
            case .results:
                step = .checkpoints
                return results.flatMap { $0.records + $0.supersededAlerts.map { .supersededAlert($0) } }
            case .checkpoints:
                step = .done
                return shards.compactMap { owner in
                    owner.evaluator.checkpoint().map { checkpoint in
                        var record = ShardCheckpointRecord(
                            shard: owner.shard, shards: shardCount, epoch: owner.epoch, checkpoint: checkpoint,
                            partitions: partitions)
                        record.form = owner.form
                        record.alertState = owner.alertStateNext
                        // The windows of this round are acknowledged.
                        record.hasWindows = owner.evaluator.content.hasWindows
                        return .checkpoint(record)
                    }
                }
            case .done: return nil
            }
        }
    }
}
