import Accounting
import Alerting
import Objectives
import Planning
import Records
import TelemetryModel

/// Puts the evaluators of shards together from what their last owners published.
///
/// A value without Kafka: who reads the topics hands over what is in them, in the reverse of the order in which they are
/// written: checkpoints and the kinds' states, window records, states of alerts, and where `withoutAlerts` names shards the
/// alert feed. See `ShardEvaluator` for why.
package struct ShardRestoration {
    /// What all shards have in common.
    package struct Terms: Sendable {
        package let plan: PipelinePlan
        package let topics: OutputTopics
        package let shards: ShardMap
        /// How many partitions the topics of state have now.
        package let partitions: StatePartitions
        package let inputs: InputTerms
        /// What is evaluated.
        package let kinds: [any EvaluatedKind.Type]

        package init(
            plan: PipelinePlan, topics: OutputTopics, shards: ShardMap, partitions: StatePartitions,
            inputs: InputTerms, kinds: [any EvaluatedKind.Type] = EvaluatedKinds.all
        ) {
            self.plan = plan
            self.topics = topics
            self.shards = shards
            self.partitions = partitions
            self.inputs = inputs
            self.kinds = kinds
        }
    }

    private let terms: Terms
    private let shards: [Int32]
    private let saved: Checkpoints
    /// Shards whose alerts have no state yet, and are to be taken over from the feed; once `takeAlertStates` was called.
    package private(set) var withoutAlerts: [Int32] = []
    /// Those of them whose state was there, and is gone.
    package private(set) var lostAlerts: [Int32] = []
    private var contents: [Int32: EvaluationShard] = [:]
    /// Shards of which the topic of windows holds a record.
    private var recorded: Set<Int32> = []

    package init(of shards: [Int32], from saved: Checkpoints, _ terms: Terms) {
        self.terms = terms
        self.shards = shards
        self.saved = saved
        for shard in shards {
            let before = saved.evaluators[shard]
            var content = EvaluationShard(
                plan: terms.plan, shard: Int(shard), of: terms.shards, closedBefore: before?.checkpoint.closedBefore,
                kinds: terms.kinds)
            content.judge(by: terms.inputs(in: terms.form(behind: before)))
            contents[shard] = content
        }
        for (shard, records) in saved.states {
            for record in records.values { contents[shard]?.restore(record) }
        }
    }

    // MARK: Windows

    /// Whether an objective's history belongs to one of the shards, known here or not.
    package var isOwn: @Sendable (String) -> Bool {
        let (map, own) = (terms.shards, Set(shards))
        return { own.contains(Int32(map.shard(ofObjective: $0))) }
    }

    /// The partitions of windows that are to be read, each with the ledgers whose records it holds.
    package var ledgers: [Int32: [ObjectiveLedger]] {
        let count = terms.partitions.windows
        var ledgers = Dictionary(grouping: contents.values.flatMap(\.kinds.ledgers)) { ledger in
            Int32(ShardHash.shard(of: ledger.terms.name, among: count))
        }
        for partition in windowPartitions(among: count) where ledgers[partition] == nil { ledgers[partition] = [] }
        return ledgers
    }

    /// The partitions of windows that may hold objectives of these shards, known here or not: both come of one hash, so what they
    /// have in common is its rest by what both numbers can be divided by.
    private func windowPartitions(among count: Int) -> [Int32] {
        var (common, rest) = (count, terms.shards.count)
        while rest != 0 { (common, rest) = (rest, common % rest) }
        let residues = Set(shards.map { Int($0) % max(1, common) })
        return (0..<Int32(count)).filter { residues.contains(Int($0) % max(1, common)) }
    }

    /// Takes what a partition of windows holds.
    package mutating func take(_ restored: RestoredPartition) throws(UnreadableRecord) {
        for shard in shards {
            contents[shard]?.restore(restored.ledgers, former: restored.former)
        }
        recorded.formUnion(restored.recorded.map { Int32(terms.shards.shard(ofObjective: $0)) })
        for (objective, times) in restored.judgedThrough {
            contents[Int32(terms.shards.shard(ofObjective: objective))]?.restore(judgedThrough: times)
        }
        if let failure = restored.failure {
            throw UnreadableRecord(
                TopicPlace(topic: terms.topics.windows, partition: restored.partition, offset: failure.offset),
                "\(failure.error)")
        }
    }

    /// A window record was skipped on request.
    package mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity) {
        recorded.insert(Int32(terms.shards.shard(ofObjective: record.objective)))
        for shard in shards { contents[shard]?.note(gap, of: record) }
    }

    /// Marks the windows as gone of shards that had published some, and of which their topic holds none; once all that it holds was
    /// taken.
    ///
    /// - Returns: these shards, and the time from before which windows are missing, where one is known.
    package mutating func noteLostWindows() -> [(shard: Int32, before: Timestamp?)] {
        shards.compactMap { shard in
            guard let record = saved.evaluators[shard], record.hasWindows, !recorded.contains(shard) else { return nil }
            // Of what is read by nobody yet no time is known.
            let closed = record.checkpoint.closedBefore
            let time = EventKind.allCases.compactMap { closed[$0] }.min()
            if let time { contents[shard]?.noteLostWindows(before: time, terms.topics.windows, terms.partitions) }
            return (shard, time)
        }
    }

    // MARK: Alerts, and the end

    /// Brings the alerts back that have a state.
    ///
    /// - Parameter states: as the topic of checkpoints has them when all windows were read, so that they are as far as any of
    ///   these.
    package mutating func takeAlertStates(_ states: AlertStates) {
        for shard in shards {
            // Without a checkpoint that knows of a state alerts were published since that are in the feed alone.
            guard let least = saved.evaluators[shard]?.alertState else {
                withoutAlerts.append(shard)
                continue
            }
            if let state = states.newest(of: shard), state.next >= least {
                contents[shard]?.restore(state)
            } else {
                withoutAlerts.append(shard)
                lostAlerts.append(shard)
            }
        }
    }

    /// Takes the alerts over that have no state yet.
    package mutating func take(_ alerts: FeedAlerts) {
        for latest in alerts.standings {
            for shard in withoutAlerts {
                contents[shard]?.takeOver(latest.transition, isPast: latest.mark.isPast, epochs: latest.epochs)
            }
        }
        for shard in withoutAlerts { contents[shard]?.noteForgotten() }
    }

    /// Alerts that are open and that nothing judges any more, each with what is gone.
    package var unjudgedAlerts: [(standing: AlertStanding, removal: AlertRemoval)] {
        shards.flatMap { contents[$0]?.unjudgedAlerts ?? [] }
    }

    /// - Parameters:
    ///   - generation: of the evaluators' group.
    ///   - ends: where the shards' logs ended when this began; who writes behind is running.
    package func finish(
        generation: Int32, ends: [Int32: Int64], expectedSources: Set<SourcePartition>
    ) -> [OwnedShard] {
        shards.compactMap { shard in
            guard var content = contents[shard] else { return nil }
            let before = saved.evaluators[shard]
            let epoch = before.map { $0.epoch.successor(generation: generation) } ?? OwnerEpoch(generation: generation)
            content.finishRestoring(epoch: epoch)
            let form = terms.form(behind: before)
            return OwnedShard(
                shard: shard, epoch: epoch, former: before?.epoch, writtenSince: ends[shard] ?? 0, form: form,
                evaluator: ShardEvaluator(
                    content: content, checkpoint: before?.checkpoint, expectedSources: expectedSources,
                    inputs: terms.inputs(in: form)))
        }
    }
}

extension ShardRestoration.Terms {
    /// In which form a shard's checkpoints are written.
    fileprivate func form(behind checkpoint: ShardCheckpointRecord?) -> RecordForm {
        max(checkpoint?.form ?? .first, plan.form)
    }

    fileprivate func inputs(in form: RecordForm) -> InputTerms { form.tellsTimeByKind ? inputs : inputs.withOneTime }
}

// MARK: Numbers of partitions

extension ShardRestoration.Terms {
    /// Refuses checkpoints that were written when a topic of state had another number of partitions.
    ///
    /// - Parameters:
    ///   - saved: what is where the shards' checkpoints belong.
    ///   - everywhere: asked where one is missing there, for the checkpoints in all partitions of the topic.
    package func check(
        _ saved: Checkpoints, of shards: [Int32], everywhere: () throws -> Checkpoints
    ) throws {
        if shards.allSatisfy({ saved.evaluators[$0] != nil }) { return try refuseChanges(since: saved) }
        // A shard that has never been evaluated, or one whose checkpoint is where another number of partitions put it.
        let all = try everywhere()
        try refuseChanges(since: all)
        if let lost = shards.first(where: { saved.evaluators[$0] == nil && all.evaluators[$0] != nil }) {
            throw UnlocatedCheckpoint(topic: topics.checkpoints, shard: lost)
        }
    }

    /// Records of 0.1.0 know the number of shards alone.
    private func refuseChanges(since checkpoints: Checkpoints) throws(PartitionCountChanged) {
        for record in checkpoints.evaluators.values {
            if record.shards != shards.count {
                throw PartitionCountChanged(topic: topics.registers, was: record.shards, now: shards.count)
            }
            if let change = record.partitions.flatMap({ partitions.change(since: $0, topics) }) { throw change }
        }
    }
}

/// A shard's checkpoint lies where another number of partitions put it, and does not say how many there were.
package struct UnlocatedCheckpoint: Error, CustomStringConvertible {
    let topic: String
    let shard: Int32

    package var description: String {
        "the checkpoint of shard \(shard) is not in the partition of \(topic) where it belongs: the topic had another number of "
            + "partitions when it was written. Make it again with that number, or start with another outputs.prefix"
    }
}
