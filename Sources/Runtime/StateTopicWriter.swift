import KafkaClient
import Records
import TelemetryModel

/// Writes records into the topics of our own that are read back: with a code where the settings ask for one.
///
/// Whatever is written there is written by it, as whatever is read is judged by ``SkippedRecords``.
package struct StateTopicWriter: Sendable {
    package let producer: KafkaProducer
    private let authentication: RecordAuthentication?

    package init(_ producer: KafkaProducer, _ authentication: RecordAuthentication?) {
        self.producer = producer
        self.authentication = authentication
    }

    /// - Parameters:
    ///   - partition: chosen by the caller, because the code covers it.
    ///   - value: `nil` for a tombstone, which has a code as well.
    /// - Returns: the producer's sequence of the record.
    package func send(
        topic: String, partition: Int32, key: [UInt8], value: [UInt8]?, headers: [KafkaHeader]
    ) throws(KafkaError) -> UInt64 {
        try producer.send(
            topic: topic, partition: partition, key: key, value: value,
            headers: headers + code(topic, partition, key, value ?? [], headers))
    }

    private func code(
        _ topic: String, _ partition: Int32, _ key: [UInt8], _ value: [UInt8], _ headers: [KafkaHeader]
    ) -> [KafkaHeader] {
        guard let authentication else { return [] }
        let text = AuthenticatedText(
            topic: topic, partition: partition, key: key.span.bytes, value: value.span.bytes,
            headers: headers.map { ($0.name, $0.value) })
        return [KafkaHeader(RecordAuthentication.header, authentication.headerValue(for: text))]
    }
}

extension RecordAuthentication {
    /// Why the record is not believed; `nil` where it is.
    func fault(of message: Message, in partition: TopicPartition) -> MACFault? {
        // One code for a record: with another one behind it, which of them is looked at would be the reader's choice.
        let headers = message.headers
        let codes = headers.filter { $0.name == RecordAuthentication.header }
        if codes.count > 1 { return .wrong }
        let writtenAt = message.timestamp.flatMap { Timestamp(milliseconds: $0.milliseconds) }
        return fault(of: codes.first.map { $0.value ?? [] }, writtenAt: writtenAt) {
            AuthenticatedText(
                topic: partition.topic, partition: partition.partition, key: message.key, value: message.value,
                headers: headers.filter { $0.name != RecordAuthentication.header }.map { ($0.name, $0.value) })
        }
    }
}
