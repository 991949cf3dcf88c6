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
        let headers = CloudEventHeaders.deadLetter(
            reason: rejection.reason.rawValue, detail: rejection.detail, position: json.bytes,
            byteOffset: rejection.byteOffset)
        send(topic: topics.deadLetter, key: json.bytes, value: rejection.original, headers: headers)
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

/// CloudEvents 1.0 in Kafka's binary mode: attributes in headers, data in the value.
enum CloudEventHeaders {
    static let audit = "dev.tidewatch.audit.v1"
    static let deadLetter = "dev.tidewatch.deadletter.v1"
    static let alert = "dev.tidewatch.alert.v1"
    static let window = "dev.tidewatch.window.v1"

    /// - Parameter id: what makes a repeated record recognisable; a new one is made where there is none.
    static func make(
        type: String, id: String? = nil, time: Timestamp?, contentType: String = "application/json"
    ) -> [KafkaHeader] {
        var headers = [
            KafkaHeader("ce_specversion", "1.0"), KafkaHeader("ce_id", id ?? UUID().uuidString.lowercased()),
            KafkaHeader("ce_source", "/tidewatch"), KafkaHeader("ce_type", type),
            KafkaHeader("content-type", contentType),
        ]
        if let time { headers.append(KafkaHeader("ce_time", time.description)) }
        return headers
    }

    /// - Parameter position: the source position as JSON.
    static func deadLetter(reason: String, detail: String, position: [UInt8], byteOffset: Int) -> [KafkaHeader] {
        make(type: deadLetter, time: nil, contentType: "application/octet-stream") + [
            KafkaHeader("tidewatch_reason", reason), KafkaHeader("tidewatch_detail", detail),
            KafkaHeader(name: "tidewatch_position", value: position),
            KafkaHeader("tidewatch_byte_offset", String(byteOffset)),
        ]
    }
}
