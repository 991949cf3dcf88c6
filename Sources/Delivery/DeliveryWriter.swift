import JSON
import KafkaClient
import Records
import Runtime
import Sinks
import TelemetryModel

/// Writes what an engine decides into topics, and says what is acknowledged.
struct DeliveryWriter {
    private let writer: StateTopicWriter
    private let topics: OutputTopics
    private let sink: any Sink
    /// In which records of the log are written.
    private let form: RecordForm
    /// Of the topic of notifications.
    var logPartitions: Int32 = 1
    /// In the order of their sequences.
    private var pending: [(token: DeliveryToken, through: UInt64)] = []
    private var failure: KafkaError?

    init(_ writer: StateTopicWriter, topics: OutputTopics, sink: any Sink, form: RecordForm) {
        self.writer = writer
        self.topics = topics
        self.sink = sink
        self.form = form
    }

    mutating func log(_ records: [NotificationRecord], _ token: DeliveryToken) {
        do throws(KafkaError) {
            var last: UInt64 = 0
            for record in records {
                last = try writer.send(
                    topic: topics.notifications, partition: record.partition % logPartitions,
                    key: Array(record.compactionKey.utf8),
                    value: record.json(in: form),
                    headers: CloudEventHeaders.make(
                        type: CloudEventHeaders.notification,
                        id: record.entry.map { "\(record.compactionKey)/\($0.time)" }, time: record.entry?.time))
            }
            pending.append((token, last))
        } catch { failure = failure ?? error }
    }

    /// Sends the feed's record to the dead letters.
    mutating func setApart(_ record: FeedRecord, _ refusal: SinkRefusal, _ token: DeliveryToken) {
        var json = JSONWriter()
        SourcePosition.kafka(topic: topics.alerts, partition: record.partition, offset: record.offset, record: 0)
            .write(to: &json)
        let headers = CloudEventHeaders.deadLetter(
            reason: "\(type(of: sink).kind)_refused", detail: "\(sink.title) answered with \(refusal)",
            position: json.bytes, byteOffset: 0)
        do throws(KafkaError) {
            let sequence = try writer.producer.sendDeadLetter(
                to: topics.deadLetter, of: record.original.span.bytes, position: json.bytes, headers: headers)
            pending.append((token, sequence))
        } catch { failure = failure ?? error }
    }

    /// What was acknowledged since the last call; waits a moment for it.
    ///
    /// - Throws: for what can't be written: the producer itself tries for as long as there is a point to it.
    mutating func takeAcknowledged() throws -> [DeliveryToken] {
        if let failure { throw failure }
        guard let last = pending.last else { return [] }
        if case .failed(let failures) = writer.producer.waitForDelivery(
            through: last.through, timeout: .milliseconds(20)),
            let first = failures.first
        {
            throw first.error
        }
        let resolved = writer.producer.resolvedThrough
        let done = pending.prefix { $0.through <= resolved }.map(\.token)
        pending.removeFirst(done.count)
        return done
    }
}
