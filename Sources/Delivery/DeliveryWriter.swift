import JSON
import KafkaClient
import Logging
import Records
import Runtime
import Sinks
import TelemetryModel

/// Writes what an engine decides into topics, and says what is acknowledged.
struct DeliveryWriter {
    private let producer: KafkaProducer
    private let topics: OutputTopics
    private let sink: any Sink
    /// In which records of the log are written.
    private let form: RecordForm
    private let logger: Logger
    /// Of the topic of notifications.
    var logPartitions: Int32 = 1
    /// In the order of their sequences.
    private var pending: [(token: DeliveryToken, through: UInt64)] = []
    private var failure: KafkaError?

    init(producer: KafkaProducer, topics: OutputTopics, sink: any Sink, form: RecordForm, logger: Logger) {
        self.producer = producer
        self.topics = topics
        self.sink = sink
        self.form = form
        self.logger = logger
    }

    /// Of a dead letter's value: tried one after the other where a producer takes no more.
    private static let lettersBytesMax = [OutputTopics.valueBytesMax, 200_000, 50_000, 10_000, 0]

    mutating func log(_ records: [NotificationRecord], _ token: DeliveryToken) {
        do throws(KafkaError) {
            var last: UInt64 = 0
            for record in records {
                last = try producer.send(
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

    /// Sends the feed's record to the dead letters. Whoever writes into the feed may have filled a record up to the topic's
    /// limit, and the headers come on top.
    mutating func setApart(_ record: FeedRecord, _ refusal: SinkRefusal, _ token: DeliveryToken) {
        var json = JSONWriter()
        SourcePosition.kafka(topic: topics.alerts, partition: record.partition, offset: record.offset, record: 0)
            .write(to: &json)
        let headers = CloudEventHeaders.deadLetter(
            reason: "\(type(of: sink).kind)_refused", detail: "\(sink.title) answered with \(refusal)",
            position: json.bytes, byteOffset: 0)
        var last: KafkaError?
        for bytesMax in DeliveryWriter.lettersBytesMax {
            do throws(KafkaError) {
                let isCut = record.value.count > bytesMax
                let sequence = try producer.send(
                    topic: topics.deadLetter, key: json.bytes, value: Array(record.value.prefix(bytesMax)),
                    headers: isCut ? headers + [CloudEventHeaders.originalSize(record.value.count)] : headers)
                pending.append((token, sequence))
                return
            } catch {
                last = error
                if error.code != .messageTooLarge { break }
            }
        }
        failure = failure ?? last
    }

    /// What was acknowledged since the last call; waits a moment for it.
    ///
    /// - Throws: for what can't be written: the producer itself tries for as long as there is a point to it.
    mutating func takeAcknowledged() throws -> [DeliveryToken] {
        if let failure { throw failure }
        guard let last = pending.last else { return [] }
        if case .failed(let failures) = producer.waitForDelivery(through: last.through, timeout: .milliseconds(20)),
            let first = failures.first
        {
            // One that was too large was made smaller and sent again.
            if let worst = failures.first(where: { $0.error.code != .messageTooLarge }) { throw worst.error }
            logger.debug("a dead letter was cut", metadata: ["error": "\(first)"])
        }
        let resolved = producer.resolvedThrough
        let done = pending.prefix { $0.through <= resolved }.map(\.token)
        pending.removeFirst(done.count)
        return done
    }
}
