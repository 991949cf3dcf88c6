import Foundation
import KafkaClient
import Records
import TelemetryModel
import Text

/// CloudEvents 1.0 in Kafka's binary mode: attributes in headers, data in the value.
package enum CloudEventHeaders {
    package static let audit = "dev.tidewatch.audit.v1"
    package static let deadLetter = "dev.tidewatch.deadletter.v1"
    package static let alert = "dev.tidewatch.alert.v1"
    package static let notification = "dev.tidewatch.notification.v1"
    package static let window = "dev.tidewatch.window.v1"
    package static let register = "dev.tidewatch.register.v1"
    package static let checkpoint = "dev.tidewatch.checkpoint.v1"

    /// - Parameter id: what makes a repeated record recognisable; a new one is made where there is none.
    package static func make(
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

    /// Headers of records that differ in their `ce_id` alone, which are made once: nothing else is made anew for a record.
    package struct Series {
        private var headers: [KafkaHeader]
        private let place: Int

        package init(type: String) {
            headers = CloudEventHeaders.make(type: type, id: "", time: nil)
            guard let place = headers.firstIndex(where: { $0.name == "ce_id" }) else {
                preconditionFailure("make gives one")
            }
            self.place = place
        }

        package mutating func of(id: [UInt8]) -> [KafkaHeader] {
            headers[place] = KafkaHeader(name: "ce_id", value: id)
            return headers
        }
    }

    /// The reason of the letter that stands for the records of a message that have none of their own.
    package static let moreRejected = "more_rejected"
    /// The reason of the letter that stands for an audit record which no message can hold.
    package static let tooLargeForTopic = "too_large_for_topic"

    /// - Parameters:
    ///   - detail: cut to `Rejection.detailBytesMax`.
    ///   - position: the source position as JSON.
    package static func deadLetter(reason: String, detail: String, position: [UInt8], byteOffset: Int) -> [KafkaHeader]
    {
        make(type: deadLetter, time: nil, contentType: "application/octet-stream") + [
            KafkaHeader("tidewatch_reason", reason),
            KafkaHeader("tidewatch_detail", ShortText.cut(Inert.line(detail), bytesMax: Rejection.detailBytesMax)),
            KafkaHeader(name: "tidewatch_position", value: position),
            KafkaHeader("tidewatch_byte_offset", String(byteOffset)),
        ]
    }

    /// Says how long a dead letter was before it was cut.
    package static func originalSize(_ bytes: Int) -> KafkaHeader {
        KafkaHeader("tidewatch_original_bytes", String(bytes))
    }
}
