import Accounting
import Alerting
import Objectives
import Records

extension EvaluatorDriver {
    /// One round of publishing: the results of some shards, taken together, and the steps in which they go out.
    struct Round {
        private enum Step {
            case alerts
            case results
            case checkpoints
            case done
        }

        let shards: [OwnedShard]
        let alerts: [AlertTransition]
        private let results: [EvaluationShard.Results]
        private let epochs: [DedupKey: OwnerEpoch]
        private var step = Step.alerts

        /// Takes the shards' results: they are in nobody's hands but this round's now.
        init(of shards: [OwnedShard]) {
            self.shards = shards
            results = shards.map { $0.evaluator.content.takeResults() }
            alerts = AlertOrder.sorted(results.flatMap(\.alerts))
            let owners = zip(shards, results).flatMap { owner, taken in
                taken.alerts.map { ($0.alert.dedupKey, owner.epoch) }
            }
            epochs = Dictionary(owners, uniquingKeysWith: max)
        }

        var hasWindows: Bool { results.contains { !$0.windows.isEmpty } }

        /// The records of the next step, when those of the last are acknowledged; `nil` when there is none.
        mutating func next(shardCount: Int, _ partitions: StatePartitions) -> [ResultRecord]? {
            switch step {
            case .alerts:
                step = .results
                return alerts.map { .alert($0, epoch: epochs[$0.alert.dedupKey] ?? OwnerEpoch(rawValue: 0)) }
            case .results:
                step = .checkpoints
                return zip(shards, results).flatMap(Round.records)
            case .checkpoints:
                step = .done
                return shards.compactMap { owner in
                    owner.evaluator.checkpoint().map { checkpoint in
                        var record = ShardCheckpointRecord(
                            shard: owner.shard, shards: shardCount, epoch: owner.epoch, checkpoint: checkpoint,
                            partitions: partitions)
                        record.form = owner.form
                        return .checkpoint(record)
                    }
                }
            case .done: return nil
            }
        }

        private static func records(of owner: OwnedShard, _ results: EvaluationShard.Results) -> [ResultRecord] {
            let windows = results.windows.map { ResultRecord.window($0, judgedThrough: results.judgedThrough) }
            // Behind the records that take their place, in the same partition.
            let superseded = results.superseded.map { objective, key in
                ResultRecord.supersededWindow(objective: objective, key: key)
            }
            let monitors = results.monitors.map { record in
                var record = record
                record.shard = owner.shard
                record.epoch = owner.epoch
                return ResultRecord.monitor(record)
            }
            return windows + superseded + monitors
        }
    }
}
