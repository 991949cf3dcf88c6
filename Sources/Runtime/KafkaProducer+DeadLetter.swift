import KafkaClient
import Records

extension KafkaProducer {
    /// Of a dead letter's value: tried one after the other where the producer takes no more.
    private static let deadLetterBytesMax = [OutputTopics.valueBytesMax, 200_000, 50_000, 10_000, 0]

    /// Sends a dead letter, cut where it is longer than this producer's `message.max.bytes` allows; a header then says how long
    /// it was, and the whole one is at its position in the source. Whoever writes into a topic may have filled a record up to
    /// its limit, and the headers come on top.
    ///
    /// What the broker refuses for its size comes later, as a failure of the sequence, like any other.
    ///
    /// - Parameter position: the source position as JSON, the letter's key.
    /// - Returns: the letter's sequence. Sizes that were tried before leave no failure.
    @discardableResult
    package func sendDeadLetter(
        to topic: String, of original: RawSpan, position: [UInt8], headers: [KafkaHeader]
    ) throws(KafkaError) -> UInt64 {
        let key = position.span.bytes
        for bytesMax in KafkaProducer.deadLetterBytesMax {
            let size = CloudEventHeaders.originalSize(original.byteCount)
            do throws(KafkaError) {
                return try send(
                    topic: topic, key: .some(key), value: original.extracting(first: bytesMax),
                    headers: original.byteCount > bytesMax ? headers + [size] : headers,
                    limits: .init(handlesTooLarge: true))
            } catch {
                if error.code != .messageTooLarge { throw error }
            }
        }
        throw KafkaError(
            code: .messageTooLarge, message: "message.max.bytes is too small for a dead letter's headers",
            operation: "produce", partition: TopicPartition(topic: topic, partition: -1))
    }
}
