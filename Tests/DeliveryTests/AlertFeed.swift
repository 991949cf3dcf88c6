import Alerting
import KafkaClient
import Records
import Runtime
import TelemetryModel
import TestSupport

/// A broker in this process with the topics that sinks need, and who writes alerts into their feed.
///
/// `Sendable` for what it hands out; the threads of a test's ``publish(_:_:partition:)`` follow one another.
final class AlertFeed: Sendable {
    /// Of the feed, and of the log.
    static let partitions = 3
    /// Who takes part in a group joins it soon, and is soon missed.
    static let options = [
        "session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "fetch.wait.max.ms": "20",
    ]
    let topics = OutputTopics(prefix: "t.")
    let broker: EmbeddedBroker
    private let producer: KafkaProducer

    init() throws {
        broker = try EmbeddedBroker(topics: [
            topics.alerts: Self.partitions, topics.notifications: Self.partitions, topics.deadLetter: 1,
        ])
        producer = try KafkaProducer(settings: broker.settings)
    }

    struct Unwritten: Error {}

    struct Record {
        let partition: Int32
        let value: [UInt8]
        let headers: [KafkaHeader]

        func header(_ name: String) -> String? {
            headers.first { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// An alert of now, and the value of its record.
    @discardableResult
    func publish(
        _ status: AlertStatus, _ name: String, partition: Int32, by authentication: RecordAuthentication? = nil
    ) throws -> [UInt8] {
        let alert = Alert(
            dedupKey: DedupKey(kind: "slo", name: name), severity: .critical, status: status, summary: "it burns",
            source: "shop", time: .now(), openedAt: .now())
        let value = AlertTransition(alert: alert, reason: "because").json
        try write(
            value, to: topics.alerts, partition: partition, key: Array(alert.dedupKey.text.utf8), by: authentication)
        return value
    }

    func write(
        _ value: [UInt8], to topic: String, partition: Int32, key: [UInt8],
        by authentication: RecordAuthentication? = nil
    ) throws {
        let sequence = try StateTopicWriter(producer, authentication).send(
            topic: topic, partition: partition, key: key, value: value, headers: [])
        guard case .delivered = producer.waitForDelivery(through: sequence, timeout: patience) else {
            throw Unwritten()
        }
    }

    /// A topic's records as they are now.
    func records(_ topic: String) throws -> [Record] {
        let reader = try KafkaTopicReader(settings: broker.settings, topics: [topic], timeout: patience)
        var records: [Record] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { source, message in
                records.append(
                    Record(
                        partition: source.partition, value: Array(copying: message.value), headers: message.headers))
            }
        }
        return records
    }

    /// As a member of the group would have: partition 0 of the feed is read up to `offset`.
    func commit(_ offset: Int64, metadata: String, group: String) throws {
        let nobody = Nobody()
        let member = try KafkaConsumer(settings: broker.settings, options: .init(group: group), delegate: nobody)
        let position = PartitionOffset(TopicPartition(topic: topics.alerts, partition: 0), offset: offset)
        try member.commit([OffsetAndMetadata(position, metadata: metadata)], timeout: patience)
        try member.close()
    }

    /// Of a consumer that only commits.
    private final class Nobody: KafkaConsumerDelegate {
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] { [] }
        func revoked(_ partitions: [ReleasedPartition]) {}
        func lost(_ partitions: [ReleasedPartition]) {}
    }
}
