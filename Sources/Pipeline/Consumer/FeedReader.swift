import Alerting
import Foundation
import KafkaClient
import Objectives
import TelemetryModel

/// Reads what Tidewatch has published: windows and alerts, as they stand.
public struct FeedReader: Sendable {
    /// On window records: event time up to which the objective's slices were judged when it was written.
    static let evaluatedThroughHeader = "tidewatch_evaluated_through"
    private static let metadataTimeout = Duration.seconds(15)

    private let kafka: KafkaClient.KafkaSettings
    private let topics: OutputTopics
    private let observer: KafkaObserver

    /// - Parameter whileWaiting: called once, with which broker and why, when the first one is not reached; on a thread of
    ///   librdkafka.
    public init(
        kafka: KafkaClient.KafkaSettings, topics: OutputTopics,
        whileWaiting: @escaping @Sendable (_ trouble: String, _ patience: Duration) -> Void = { _, _ in }
    ) {
        self.kafka = kafka
        self.topics = topics
        let first = Milestone()
        observer = KafkaObserver(fault: { fault in
            if fault.isDefinite || fault.kind == .closed || first.isReached { return }
            first.reach()
            whileWaiting("\(fault.broker): \(fault.text)", FeedReader.metadataTimeout)
        })
    }

    /// The newest transition of each alert.
    public struct Alerts: Sendable {
        /// In the order of time and dedup key.
        public var latest: [AlertTransition] { AlertOrder.sorted(Array(newest.values)) }
        private var newest: [String: AlertTransition] = [:]
        public private(set) var malformed = 0

        mutating func take(_ message: Message) {
            do {
                let transition = try AlertTransition(json: Array(copying: message.value))
                // The latest in event time, not in the topic: an owner that was declared dead may write late.
                if let held = newest[transition.alert.dedupKey.text], held.isLater(than: transition) { return }
                newest[transition.alert.dedupKey.text] = transition
            } catch {
                malformed += 1
            }
        }
    }

    /// The objectives' history, and how many records were no window record and were passed over.
    public func windows() throws -> (history: WindowHistory, malformed: Int) {
        var history = WindowHistory()
        var malformed = 0
        try readToEnd(topics.windows) { _, message in
            // A tombstone is of a block that another record holds.
            if message.value.byteCount == 0 { return }
            do { history.add(try WindowRecord(json: Array(copying: message.value))) } catch { malformed += 1 }
        }
        return (history, malformed)
    }

    public func alerts() throws -> Alerts {
        var alerts = Alerts()
        try readToEnd(topics.alerts) { _, message in alerts.take(message) }
        return alerts
    }

    /// Follows the alert feed until `isDone`; from the beginning, or from now on.
    public func follow(
        fromBeginning: Bool, isDone: () -> Bool, _ body: (AlertTransition) -> Void
    ) throws {
        let reader = try KafkaTopicReader(
            settings: kafka, topics: [topics.alerts], from: fromBeginning ? .beginning : .end,
            timeout: FeedReader.metadataTimeout, observer: observer)
        if reader.partitions.isEmpty { throw MissingTopic(topic: topics.alerts) }
        while !isDone() {
            try reader.poll(timeout: .milliseconds(200)) { _, message in
                if let transition = try? AlertTransition(json: Array(copying: message.value)) { body(transition) }
            }
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

extension [UInt8] {
    init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}

extension AlertTransition {
    fileprivate func isLater(than other: AlertTransition) -> Bool {
        if alert.time != other.alert.time { return alert.time > other.alert.time }
        return alert.status == .open && other.alert.status != .open
    }
}
