import Accounting
import Alerting
import Evaluation
import Foundation
import KafkaClient
import Logging
import Objectives
import Planning
import Records
import Runtime
import Settings
import TelemetryModel

/// Brings back the evaluators of shards as their last owners published them: reads the checkpoints and monitors of these
/// shards, the windows of their objectives, and the alert feed.
final class ShardRestorer: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let plan: PipelinePlan
        let topics: OutputTopics
        let shards: ShardMap
        let inputs: [String]
        let latenessNanoseconds: Int64
        let partitions: StatePartitions
        let skips: SkippedRecords
        let producer: KafkaProducer
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void

        /// None where there is no such topic yet.
        func partitions(of topic: String) throws -> Int {
            try producer.partitionCount(of: topic, timeout: requestTimeout) ?? 0
        }
    }

    private let context: Context
    private static let requestTimeout = Duration.seconds(15)
    private static let retrySeconds: TimeInterval = 1

    init(_ context: Context) {
        self.context = context
    }

    /// Restores `shards`, trying again while the cluster does not answer; empty when the process stops.
    func restore(_ shards: [Int32], for consumer: KafkaConsumer) -> [OwnedShard] {
        while !context.stop.isReached {
            do {
                return try attempt(shards, for: consumer)
            } catch let error as PartitionCountChanged {
                context.fail("\(error)")
            } catch let error as UnreadableRecord {
                context.fail("\(error)")
            } catch let error as UnlocatedCheckpoint {
                context.fail("\(error)")
            } catch {
                context.logger.warning("shards are not restored yet", metadata: ["error": "\(error)"])
                _ = context.stop.wait(timeout: ShardRestorer.retrySeconds)
            }
        }
        return []
    }

    private func attempt(_ shards: [Int32], for consumer: KafkaConsumer) throws -> [OwnedShard] {
        let generation = try consumer.groupGeneration ?? 0
        let began = ContinuousClock.now
        let reader = try KafkaRangeReader(settings: context.kafka)
        let ends = try ends(of: shards, consumer)
        let saved = try checkpoints(of: shards, reader)
        let sources = try expectedSources()
        var contents: [Int32: EvaluationShard] = [:]
        for shard in shards {
            contents[shard] = EvaluationShard(
                plan: context.plan, shard: Int(shard), of: context.shards,
                closedBefore: saved.evaluators[shard]?.checkpoint.closedBefore)
        }
        for (shard, records) in saved.monitors {
            for record in records.values { contents[shard]?.restore(record) }
        }
        let windows = try restoreWindows(into: &contents, reader)
        for alert in try alerts(reader).latest {
            for shard in shards { contents[shard]?.restore(alert) }
        }
        context.logger.info(
            "restored",
            metadata: [
                "shards": "\(shards.map(String.init).joined(separator: ","))", "windows": .number(windows),
                "seconds": .seconds(began.duration(to: .now)),
            ])
        return shards.compactMap { shard in
            guard var content = contents[shard] else { return nil }
            let before = saved.evaluators[shard]
            let epoch = before.map { $0.epoch.successor(generation: generation) } ?? OwnerEpoch(generation: generation)
            content.finishRestoring(epoch: epoch)
            return OwnedShard(
                shard: shard, epoch: epoch, writtenSince: ends[shard] ?? 0,
                form: before?.form == .definitions ? .definitions : context.plan.form,
                evaluator: ShardEvaluator(
                    content: content, checkpoint: before?.checkpoint, expectedSources: sources,
                    latenessNanoseconds: context.latenessNanoseconds))
        }
    }

    /// Where the shards' logs end now: who writes behind it is running.
    private func ends(of shards: [Int32], _ consumer: KafkaConsumer) throws -> [Int32: Int64] {
        guard context.plan.form != .first else { return [:] }
        var ends: [Int32: Int64] = [:]
        for shard in shards {
            let partition = TopicPartition(topic: context.topics.registers, partition: shard)
            ends[shard] = try consumer.queryWatermarks(partition, timeout: ShardRestorer.requestTimeout).high
        }
        return ends
    }

    // MARK: What was published

    private func checkpoints(of shards: [Int32], _ reader: KafkaRangeReader) throws -> Checkpoints {
        let saved = try Checkpoints(
            of: Set(shards), in: context.topics.checkpoints, partitions: context.partitions.checkpoints, reader,
            timeout: ShardRestorer.requestTimeout, stop: context.stop, skips: context.skips)
        if shards.allSatisfy({ saved.evaluators[$0] != nil }) {
            try refuseChanges(since: saved.evaluators.values)
        } else {
            // A shard that has never been evaluated, or one whose checkpoint is where another number of partitions put it.
            let all = try Checkpoints(
                of: Set(0..<Int32(context.shards.count)), in: context.topics.checkpoints,
                holding: Set(0..<Int32(context.partitions.checkpoints)), onlyEvaluators: true, reader,
                timeout: ShardRestorer.requestTimeout, stop: context.stop, skips: context.skips)
            try refuseChanges(since: all.evaluators.values)
            if let lost = shards.first(where: { saved.evaluators[$0] == nil && all.evaluators[$0] != nil }) {
                throw UnlocatedCheckpoint(topic: context.topics.checkpoints, shard: lost)
            }
        }
        return saved
    }

    /// Records of 0.1.0 know the number of shards alone.
    private func refuseChanges(since checkpoints: some Sequence<ShardCheckpointRecord>) throws {
        for record in checkpoints {
            if record.shards != context.shards.count {
                throw PartitionCountChanged(
                    topic: context.topics.registers, was: record.shards, now: context.shards.count)
            }
            if let change = record.partitions.flatMap({ context.partitions.change(since: $0, context.topics) }) {
                throw change
            }
        }
    }

    /// - Returns: how many records there were.
    private func restoreWindows(into contents: inout [Int32: EvaluationShard], _ reader: KafkaRangeReader) throws -> Int
    {
        let count = context.partitions.windows
        var ledgers = Dictionary(grouping: contents.values.flatMap(\.objectives.ledgers)) { ledger in
            Int32(ShardHash.shard(of: ledger.terms.name, among: count))
        }
        for partition in partitions(ofObjectivesIn: Set(contents.keys), among: count) where ledgers[partition] == nil {
            ledgers[partition] = []
        }
        if ledgers.isEmpty { return 0 }
        let (shards, own) = (context.shards, Set(contents.keys))
        let restoration = WindowRestoration(ledgers, isOwn: { own.contains(Int32(shards.shard(ofObjective: $0))) })
        // The same in hundreds of records, one after the other.
        var judged = (text: [UInt8](), time: Timestamp?.none)
        var passedOver: [(WindowRecord.Identity, UnreadSpan)] = []
        try read(context.topics.windows, Set(ledgers.keys), reader) { partition, message in
            // A tombstone is of a block that a record of a longer span holds too.
            if message.value.byteCount == 0 { return }
            if context.skips.contains(partition, offset: message.offset) {
                let place = TopicPlace(partition, offset: message.offset)
                if let record = WindowRecord.Identity(key: message.key) {
                    passedOver.append((record, UnreadSpan(place)))
                }
                return
            }
            let text = message.lastHeader(FeedReader.evaluatedThroughHeader) ?? []
            if text != judged.text { judged = (text, Timestamp(rfc3339: String(decoding: text, as: UTF8.self))) }
            restoration.add(
                message.value, judgedThrough: judged.time, partition: partition.partition, offset: message.offset)
        }
        var records = 0
        for restored in restoration.finish() {
            records += restored.records
            for shard in contents.keys {
                contents[shard]?.restore(restored.ledgers)
                contents[shard]?.restore(former: restored.former)
            }
            tell(of: restored.former, beside: restored.ledgers)
            for (objective, time) in restored.judgedThrough {
                contents[Int32(context.shards.shard(ofObjective: objective))]?.restore(judgedThrough: time)
            }
            for (objective, count) in restored.superseded.sorted(by: { $0.key < $1.key }) {
                context.logger.warning(
                    "the history of an SLO begins anew: its slices or its method were changed",
                    metadata: ["slo": "\(objective)", "records": .number(count)])
            }
            if let failure = restored.failure {
                throw UnreadableRecord(
                    TopicPlace(
                        topic: context.topics.windows, partition: restored.partition, offset: failure.offset),
                    "\(failure.error)")
            }
        }
        for (record, gap) in passedOver {
            for shard in contents.keys { contents[shard]?.note(gap, of: record) }
        }
        return records
    }

    /// Says which objectives begin anew, because they count otherwise than before.
    private func tell(of former: [ObjectiveLedger], beside present: [ObjectiveLedger]) {
        let empty = Set(present.filter { $0.dataEnd == nil }.map(\.terms.name))
        for ledger in former where empty.contains(ledger.terms.name) && ledger.dataEnd != nil {
            context.logger.warning(
                "the history of an SLO begins anew: its definition was changed",
                metadata: [
                    "slo": "\(ledger.terms.name)", "former": "\(ledger.terms.definition?.description ?? "unknown")",
                    "counted_to": "\(ledger.dataEnd?.description ?? "")",
                ])
        }
    }

    /// The partitions of windows that may hold objectives of these shards, known here or not: both come of one hash, so what they
    /// have in common is its rest by what both numbers can be divided by.
    private func partitions(ofObjectivesIn shards: Set<Int32>, among count: Int) -> [Int32] {
        var (common, rest) = (count, context.shards.count)
        while rest != 0 { (common, rest) = (rest, common % rest) }
        let residues = Set(shards.map { Int($0) % max(1, common) })
        return (0..<Int32(count)).filter { residues.contains(Int($0) % max(1, common)) }
    }

    private func alerts(_ reader: KafkaRangeReader) throws -> FeedReader.Alerts {
        var alerts = FeedReader.Alerts()
        try read(context.topics.alerts, Set(0..<Int32(context.partitions.alerts)), reader) { partition, message in
            alerts.take(message, of: partition, context.skips)
        }
        if let unreadable = alerts.unreadable { throw unreadable }
        return alerts
    }

    private func expectedSources() throws -> Set<SourcePartition> {
        var sources: Set<SourcePartition> = []
        for topic in context.inputs {
            for partition in 0..<Int32(try context.partitions(of: topic)) {
                sources.insert(SourcePartition(topic: topic, partition: partition))
            }
        }
        return sources
    }

    private func read(
        _ topic: String, _ partitions: Set<Int32>, _ reader: KafkaRangeReader,
        _ body: (TopicPartition, Message) -> Void
    ) throws {
        try reader.readToEnd(
            of: topic, partitions, timeout: ShardRestorer.requestTimeout, stop: context.stop, body)
    }
}

/// A shard's checkpoint lies where another number of partitions put it, and does not say how many there were.
struct UnlocatedCheckpoint: Error, CustomStringConvertible {
    let topic: String
    let shard: Int32

    var description: String {
        "the checkpoint of shard \(shard) is not in the partition of \(topic) where it belongs: the topic had another number of "
            + "partitions when it was written. Make it again with that number, or start with another outputs.prefix"
    }
}
