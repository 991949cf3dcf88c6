import Alerting
import Evaluation
import Foundation
import KafkaClient
import Objectives
import Records
import Runtime
import TelemetryModel

/// Reads what Tidewatch has published: windows and alerts, as they stand.
public struct FeedReader: Sendable {
    /// On window records: event time up to which the shard's slices were judged when it was written, see `EventTimes.text`.
    static let evaluatedThroughHeader = "tidewatch_evaluated_through"
    private static let metadataTimeout = Duration.seconds(15)

    private let kafka: KafkaClient.KafkaSettings
    private let topics: OutputTopics
    private let observer: KafkaObserver
    private let skips: SkippedRecords

    /// - Parameter whileWaiting: called once, with which broker and why, when the first one is not reached; on a thread of
    ///   librdkafka.
    public init(
        kafka: KafkaClient.KafkaSettings, topics: OutputTopics, skips: SkippedRecords = SkippedRecords(),
        whileWaiting: @escaping @Sendable (_ trouble: String, _ patience: Duration) -> Void = { _, _ in }
    ) {
        self.kafka = kafka
        self.topics = topics
        self.skips = skips
        let first = Latch()
        observer = KafkaObserver(fault: { fault in
            if fault.isDefinite || fault.kind == .closed || first.isReached { return }
            first.reach()
            whileWaiting("\(fault.broker): \(fault.text)", FeedReader.metadataTimeout)
        })
    }

    /// The records to be skipped that were not met so far.
    public var skipsNotMet: [TopicPlace] { skips.notMet }

    /// What was read so far and passed over because it carries no right code.
    public var unauthentic: UnauthenticRecords { skips.unauthentic }

    /// The objectives' history.
    ///
    /// - Throws: also for a record that can't be read and is not to be skipped: a report without it would be wrong.
    public func windows() throws -> WindowHistory {
        var history = WindowHistory()
        var unreadable: UnreadableRecord?
        var passedOver: [(WindowRecord.Identity, UnreadSpan)] = []
        try readToEnd(topics.windows) { partition, message in
            let cause = skips.cause(of: message, in: partition)
            // A tombstone is of a block that another record holds.
            if message.value.byteCount == 0 { return }
            if let cause {
                let place = TopicPlace(partition, offset: message.offset)
                if cause == .onRequest, let record = WindowRecord.Identity(key: message.key) {
                    passedOver.append((record, UnreadSpan(place)))
                }
                return
            }
            do { history.add(try WindowRecord(json: Array(copying: message.value))) } catch {
                unreadable = unreadable ?? UnreadableRecord(partition, offset: message.offset, "\(error)")
            }
        }
        if let unreadable { throw unreadable }
        for (record, gap) in passedOver { history.note(gap, of: record) }
        return history
    }

    /// The newest transition of each alert, in the order of time and dedup key.
    public func alerts() throws -> [AlertTransition] {
        var alerts = FeedAlerts()
        try readToEnd(topics.alerts) { partition, message in
            if skips.cause(of: message, in: partition) != nil { return }
            alerts.read(message, of: partition)
        }
        if let unreadable = alerts.unreadable { throw unreadable }
        return alerts.latest
    }

    /// Follows the alert feed until `isDone`; from the beginning, or from now on.
    public func follow(
        fromBeginning: Bool, isDone: () -> Bool, begun: () -> Void = {}, _ body: (AlertTransition) -> Void
    ) throws {
        let reader = try KafkaTopicReader(
            settings: kafka, topics: [topics.alerts], from: fromBeginning ? .beginning : .end,
            timeout: FeedReader.metadataTimeout, observer: observer)
        if reader.partitions.isEmpty { throw MissingTopic(topic: topics.alerts) }
        begun()
        var unreadable: UnreadableRecord?
        while !isDone() {
            try reader.poll(timeout: .milliseconds(200)) { partition, message in
                if unreadable != nil || skips.cause(of: message, in: partition) != nil { return }
                // Takes a record back that another owner's has taken the place of.
                if message.value.byteCount == 0 { return }
                do { body(try AlertTransition(json: Array(copying: message.value))) } catch {
                    unreadable = UnreadableRecord(partition, offset: message.offset, "\(error)")
                }
            }
            if let unreadable { throw unreadable }
        }
    }

    private func readToEnd(_ topic: String, _ body: (TopicPartition, Message) -> Void) throws {
        let reader = try KafkaTopicReader(
            settings: kafka, topics: [topic], timeout: FeedReader.metadataTimeout, observer: observer)
        if reader.partitions.isEmpty { throw MissingTopic(topic: topic) }
        while !reader.isAtEnd { try reader.poll(timeout: .milliseconds(100), body) }
    }
}

/// A topic that the consumer would have made, or that another prefix has.
struct MissingTopic: Error, CustomStringConvertible {
    let topic: String

    var description: String { "the topic \(topic) does not exist; is outputs.prefix that of the consumer?" }
}
