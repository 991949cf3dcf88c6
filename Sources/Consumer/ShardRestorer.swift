import Accounting
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
/// shards, the windows of their objectives, and the states of their alerts; the alert feed where there are none yet.
final class ShardRestorer: Sendable {
    struct Context: Sendable {
        let kafka: KafkaClient.KafkaSettings
        let plan: PipelinePlan
        let topics: OutputTopics
        let shards: ShardMap
        let inputs: [String]
        let inputTerms: InputTerms
        let partitions: StatePartitions
        let skips: SkippedRecords
        let producer: KafkaProducer
        let logger: Logger
        let stop: Latch
        let fail: @Sendable (String) -> Void

        var terms: ShardRestoration.Terms {
            ShardRestoration.Terms(
                plan: plan, topics: topics, shards: shards, partitions: partitions,
                inputs: inputTerms)
        }

        /// None where there is no such topic yet.
        func partitions(of topic: String) throws -> Int {
            try producer.partitionCount(of: topic, timeout: requestTimeout) ?? 0
        }
    }

    let context: Context
    static let requestTimeout = Duration.seconds(15)
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
            } catch let error as LostPosition {
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
        let reader = StateTopicReader(
            try KafkaRangeReader(settings: context.kafka), timeout: ShardRestorer.requestTimeout, stop: context.stop,
            skips: context.skips)
        let ends = try ends(of: shards, consumer)
        var saved = try checkpoints(of: shards, reader)
        try expectPositions(in: saved, before: ends)
        let sources = try expectedSources()
        var restoration = ShardRestoration(of: shards, from: saved, context.terms)
        let windows = try restoreWindows(into: &restoration, reader)
        try restoreAlerts(into: &restoration, &saved, reader)
        context.logger.info(
            "restored",
            metadata: [
                "shards": "\(shards.map(String.init).joined(separator: ","))", "windows": .number(windows),
                "seconds": .seconds(began.duration(to: .now)),
            ])
        return restoration.finish(
            generation: generation, ends: context.plan.form == .first ? [:] : ends, expectedSources: sources)
    }

    // MARK: What was published

    private func checkpoints(of shards: [Int32], _ reader: StateTopicReader) throws -> Checkpoints {
        let saved = try Checkpoints(
            of: Set(shards), in: context.topics.checkpoints, partitions: context.partitions.checkpoints, reader)
        try context.terms.check(saved, of: shards) {
            try Checkpoints(
                of: Set(0..<Int32(context.shards.count)), in: context.topics.checkpoints,
                holding: Set(0..<Int32(context.partitions.checkpoints)), onlyEvaluators: true, reader)
        }
        return saved
    }

    /// - Returns: how many records there were.
    private func restoreWindows(into shards: inout ShardRestoration, _ reader: StateTopicReader) throws -> Int {
        let ledgers = shards.ledgers
        if ledgers.isEmpty { return 0 }
        let restoration = WindowRestoration(ledgers, isOwn: shards.isOwn)
        // The same in hundreds of records, one after the other.
        var judged = (text: [UInt8](), times: EventTimes?.none)
        var passedOver: [(WindowRecord.Identity, UnreadSpan)] = []
        // A tombstone is of a block that a record of a longer span holds too.
        try reader.read(
            context.topics.windows, Set(ledgers.keys), where: { $0.value.byteCount > 0 },
            passedOver: { partition, message in
                if let record = WindowRecord.Identity(key: message.key) {
                    passedOver.append((record, UnreadSpan(TopicPlace(partition, offset: message.offset))))
                }
            }
        ) { partition, message in
            let text = message.lastHeader(FeedReader.evaluatedThroughHeader) ?? []
            if text != judged.text { judged = (text, EventTimes(text: String(decoding: text, as: UTF8.self))) }
            restoration.add(
                message.value, judgedThrough: judged.times, partition: partition.partition, offset: message.offset)
        }
        var records = 0
        for restored in restoration.finish() {
            records += restored.records
            tell(of: restored.former, beside: restored.ledgers)
            for (objective, count) in restored.superseded.sorted(by: { $0.key < $1.key }) {
                context.logger.warning(
                    "the history of an SLO begins anew: its slices or its method were changed",
                    metadata: ["slo": "\(objective)", "records": .number(count)])
            }
            try shards.take(restored)
        }
        for (record, gap) in passedOver { shards.note(gap, of: record) }
        for lost in shards.noteLostWindows() {
            context.logger.error(
                "windows that were published are gone: reports lack what was counted before",
                metadata: [
                    "topic": "\(context.topics.windows)", "shard": "\(lost.shard)",
                    "before": "\(lost.before?.description ?? "unknown")",
                    "see": "\(LostTopics.runbook(of: context.topics.windows))",
                ])
        }
        return records
    }

    /// Says which objectives begin anew, because they count otherwise than before.
    private func tell(of former: [ObjectiveLedger], beside present: [ObjectiveLedger]) {
        // Groups have histories of their own beside that of their objective.
        let ends = (present + former).reduce(into: [ObjectiveHistory: Timestamp]()) { ends, ledger in
            let history = ObjectiveHistory(objective: ledger.terms.name, definition: ledger.terms.definition)
            if let end = ledger.dataEnd { ends[history] = max(ends[history] ?? end, end) }
        }
        let empty = Set(present.map(\.terms.history).filter { ends[$0] == nil }.map(\.objective))
        for (history, end) in ends.sorted(by: { $0.value < $1.value }) where empty.contains(history.objective) {
            context.logger.warning(
                "the history of an SLO begins anew: its definition was changed",
                metadata: [
                    "slo": "\(history.objective)", "former": "\(history.definition?.description ?? "unknown")",
                    "counted_to": "\(end)",
                ])
        }
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
}
