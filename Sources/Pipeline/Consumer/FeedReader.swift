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

    public init(kafka: KafkaClient.KafkaSettings, topics: OutputTopics) {
        self.kafka = kafka
        self.topics = topics
    }

    /// The newest record of each objective and block.
    public struct Windows: Sendable {
        public struct Entry: Sendable {
            public let record: WindowRecord
            public let evaluatedThrough: Timestamp?
        }

        /// In the order of objective and time.
        public var entries: [Entry] {
            newest.values.sorted { ($0.record.terms.name, $0.record.start) < ($1.record.terms.name, $1.record.start) }
        }
        var newest: [String: Entry] = [:]
        /// Records that are no window record; they are passed over.
        public fileprivate(set) var malformed = 0
    }

    /// The newest transition of each alert.
    public struct Alerts: Sendable {
        /// In the order of time and dedup key.
        public var latest: [AlertTransition] { AlertOrder.sorted(Array(newest.values)) }
        var newest: [String: AlertTransition] = [:]
        public fileprivate(set) var malformed = 0
    }

    public func windows() throws -> Windows {
        var windows = Windows()
        try readToEnd(topics.windows) { _, message in
            do {
                let record = try WindowRecord(json: Array(copying: message.value))
                let header = message.headers.last { $0.name == FeedReader.evaluatedThroughHeader }?.value
                let through = header.flatMap { Timestamp(rfc3339: String(decoding: $0, as: UTF8.self)) }
                windows.newest[record.key] = Windows.Entry(record: record, evaluatedThrough: through)
            } catch {
                windows.malformed += 1
            }
        }
        return windows
    }

    public func alerts() throws -> Alerts {
        var alerts = Alerts()
        try readToEnd(topics.alerts) { _, message in
            do {
                let transition = try AlertTransition(json: Array(copying: message.value))
                alerts.newest[transition.alert.dedupKey.text] = transition
            } catch {
                alerts.malformed += 1
            }
        }
        return alerts
    }

    /// Follows the alert feed until `isDone`; from the beginning, or from now on.
    public func follow(
        fromBeginning: Bool, isDone: () -> Bool, _ body: (AlertTransition) -> Void
    ) throws {
        let reader = try KafkaTopicReader(
            settings: kafka, topics: [topics.alerts], from: fromBeginning ? .beginning : .end,
            timeout: FeedReader.metadataTimeout)
        while !isDone() {
            try reader.poll(timeout: .milliseconds(200)) { _, message in
                if let transition = try? AlertTransition(json: Array(copying: message.value)) { body(transition) }
            }
        }
    }

    private func readToEnd(_ topic: String, _ body: (TopicPartition, Message) -> Void) throws {
        let reader = try KafkaTopicReader(settings: kafka, topics: [topic], timeout: FeedReader.metadataTimeout)
        while !reader.isAtEnd { try reader.poll(timeout: .milliseconds(100), body) }
    }
}

extension [UInt8] {
    init(copying bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
