import Counting
import Foundation
import JSON
import KafkaClient
import Records
import Runtime
import TelemetryModel

/// Sends audit records and dead letters to their topics.
///
/// A record that cannot even be queued stops the consumer: its offset must not be committed. But nothing that came in stops
/// it by being too large for a topic: what is sent is bounded where it is made, and what a producer refuses for its size all
/// the same (its `message.max.bytes` may be set lower) is set apart as a dead letter of its first bytes.
final class KafkaSink: RecordSink {
    private let producer: KafkaProducer
    private let topics: OutputTopics
    /// What went wrong first; the worker looks after each message.
    private(set) var failure: KafkaError?

    private var auditHeaders = CloudEventHeaders.Series(type: CloudEventHeaders.audit)
    /// Of the source partition of the latest audit record: the next one is nearly always of the same.
    private var latestKey: (topic: String, partition: Int32, bytes: [UInt8])?

    init(producer: KafkaProducer, topics: OutputTopics) {
        self.producer = producer
        self.topics = topics
    }

    /// One key for a source partition: its records are in one partition of the topic, in their own order.
    func audit(_ record: [UInt8], at position: SourcePosition) {
        let sent = send(
            topic: topics.audit, key: key(of: position), value: record.span.bytes,
            headers: auditHeaders.of(id: position.identifier))
        if sent { return }
        letter(
            of: record.span.bytes, reason: CloudEventHeaders.tooLargeForTopic,
            detail: "an audit record of \(record.count) bytes is larger than message.max.bytes allows", byteOffset: 0,
            at: position)
    }

    private func key(of position: SourcePosition) -> [UInt8]? {
        guard case .kafka(let topic, let partition, _, _) = position else { return nil }
        if let latestKey, latestKey.partition == partition, latestKey.topic == topic { return latestKey.bytes }
        guard let bytes = position.source.map({ Array($0.utf8) }) else { return nil }
        latestKey = (topic, partition, bytes)
        return bytes
    }

    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        letter(
            of: rejection.original, reason: rejection.reason.rawValue, detail: rejection.detail,
            byteOffset: rejection.byteOffset, at: position)
    }

    func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition) {
        letter(
            of: message, reason: CloudEventHeaders.moreRejected, detail: rest.detail, byteOffset: 0, at: position,
            KafkaHeader("tidewatch_more_rejected", String(rest.count)))
    }

    /// Of a longer record the first bytes are kept; the whole one is at its position in the source.
    private func letter(
        of original: RawSpan, reason: String, detail: String, byteOffset: Int, at position: SourcePosition,
        _ more: KafkaHeader? = nil
    ) {
        var json = JSONWriter()
        position.write(to: &json)
        var headers = CloudEventHeaders.deadLetter(
            reason: reason, detail: detail, position: json.bytes, byteOffset: byteOffset)
        if let more { headers.append(more) }
        if failure != nil { return }
        do throws(KafkaError) {
            try producer.sendDeadLetter(
                to: topics.deadLetter, of: original, position: json.bytes, headers: headers)
        } catch { failure = error }
    }

    /// Returns false where the record is too large, which leaves no trace.
    private func send(topic: String, key: [UInt8]?, value: RawSpan, headers: [KafkaHeader]) -> Bool {
        guard failure == nil else { return true }
        let keyBytes = key ?? []
        let keySpan = keyBytes.span.bytes
        do throws(KafkaError) {
            try producer.send(
                topic: topic, key: key == nil ? nil : .some(keySpan), value: value, headers: headers,
                limits: .init(handlesTooLarge: true))
            return true
        } catch {
            if error.code == .messageTooLarge { return false }
            failure = error
            return true
        }
    }
}
