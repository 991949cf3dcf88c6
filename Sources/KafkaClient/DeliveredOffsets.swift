import CRDKafka
import Glibc

/// The highest offset that was delivered to each partition of a few topics, and which of them were set back.
struct DeliveredOffsets {
    private struct Furthest {
        /// Below zero where nothing was delivered.
        var offset: Int64 = -1
        /// The producer's last message when that was delivered.
        var lastSequence: UInt64 = 0
    }

    private struct Topic {
        var name: String
        /// The name with a zero byte at its end, to compare without making a string for each message.
        var text: [CChar]
        var tellsTime: Bool
        /// By partition.
        var furthest: [Furthest] = []
    }

    private var topics: [Topic] = []
    /// That of the message before, as messages come in runs.
    private var latest = 0
    /// The broker's clock, by when it has appended messages of the topics that tell it.
    private(set) var clock = AppendClock()
    /// Topics that took a message at an offset which an older message had.
    ///
    /// A message that was sent only after another one was acknowledged lies behind it, unless the log has lost that one: it was deleted and
    /// made anew, or cut. What was sent before says nothing, as reports are taken by several threads. It is a doubt all the same: of a batch
    /// that it has already a broker may give no offset, and librdkafka then counts from there.
    private var setBack: Set<String> = []

    mutating func takeSetBack() -> Set<String> {
        defer { setBack = [] }
        return setBack
    }

    mutating func track(_ topic: String, tellsTime: Bool) {
        if topics.contains(where: { $0.name == topic }) { return }
        topics.append(Topic(name: topic, text: Array(topic.utf8CString), tellsTime: tellsTime))
    }

    /// Takes note of a message that was written.
    mutating func delivered(_ message: UnsafePointer<rd_kafka_message_t>, _ sequence: UInt64, lastSequence: UInt64) {
        if topics.isEmpty { return }
        guard let topic = unsafe message.pointee.rkt, let name = unsafe rd_kafka_topic_name(topic) else { return }
        if unsafe strcmp(name, topics[latest].text) != 0 {
            guard let index = topics.firstIndex(where: { unsafe strcmp(name, $0.text) == 0 }) else { return }
            latest = index
        }
        unsafe record(latest, Int(message.pointee.partition), message.pointee.offset, sequence, lastSequence)
        if topics[latest].tellsTime { unsafe clock.delivered(message) }
    }

    /// - Parameters:
    ///   - topic: its place in the order in which they were tracked.
    ///   - sequence: the message's, by the producer's count of all that it sends.
    ///   - lastSequence: of what it has sent by now.
    mutating func record(
        _ topic: Int, _ partition: Int, _ offset: Int64, _ sequence: UInt64, _ lastSequence: UInt64
    ) {
        guard partition >= 0, offset >= 0 else { return }
        let missing = partition + 1 - topics[topic].furthest.count
        if missing > 0 { topics[topic].furthest += repeatElement(Furthest(), count: missing) }
        let furthest = topics[topic].furthest[partition]
        if offset > furthest.offset {
            topics[topic].furthest[partition] = Furthest(offset: offset, lastSequence: lastSequence)
        } else if sequence > furthest.lastSequence {
            setBack.insert(topics[topic].name)
        }
    }

    func last(_ partition: TopicPartition) -> Int64? {
        guard let topic = topics.first(where: { $0.name == partition.topic }),
            topic.furthest.indices.contains(Int(partition.partition)),
            topic.furthest[Int(partition.partition)].offset >= 0
        else { return nil }
        return topic.furthest[Int(partition.partition)].offset
    }
}
