import Foundation
import KafkaClient
import TelemetryModel

/// Sends audit records and dead letters to their topics.
///
/// A record that cannot even be queued stops the consumer: its offset must not be committed.
final class KafkaOutlet: RecordOutlet {
    private let producer: KafkaProducer
    private let topics: OutputTopics
    /// What went wrong first; the worker looks after each message.
    private(set) var failure: KafkaError?

    init(producer: KafkaProducer, topics: OutputTopics) {
        self.producer = producer
        self.topics = topics
    }

    func audit(_ record: [UInt8]) {
        let headers = CloudEventHeaders.make(type: CloudEventHeaders.audit, time: nil)
        send(topic: topics.audit, key: nil, value: record.span.bytes, headers: headers)
    }

    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        var json = JSONWriter()
        position.write(to: &json)
        // Of a longer record the first bytes are kept; the whole one is at its position in the source.
        let original = rejection.original
        var headers = CloudEventHeaders.deadLetter(
            reason: rejection.reason.rawValue, detail: rejection.detail, position: json.bytes,
            byteOffset: rejection.byteOffset)
        if original.byteCount > OutputTopics.valueBytesMax {
            headers.append(KafkaHeader("tidewatch_original_bytes", String(original.byteCount)))
        }
        send(
            topic: topics.deadLetter, key: json.bytes,
            value: original.extracting(first: OutputTopics.valueBytesMax), headers: headers)
    }

    private func send(topic: String, key: [UInt8]?, value: RawSpan, headers: [KafkaHeader]) {
        guard failure == nil else { return }
        let keyBytes = key ?? []
        let keySpan = keyBytes.span.bytes
        do throws(KafkaError) {
            try producer.send(topic: topic, key: key == nil ? nil : .some(keySpan), value: value, headers: headers)
        } catch {
            failure = error
        }
    }
}
