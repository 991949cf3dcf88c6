import CRDKafka
import Glibc

/// The highest offset that was delivered to each partition of a few topics.
struct DeliveredOffsets {
    private struct Topic {
        var name: String
        /// The name with a zero byte at its end, to compare without making a string for each message.
        var text: [CChar]
        /// By partition; below zero where nothing was delivered.
        var offsets: [Int64] = []
    }

    private var topics: [Topic] = []
    /// The broker's clock, by when it has appended messages of these topics.
    private(set) var clock = AppendClock()

    mutating func track(_ topic: String) {
        if topics.contains(where: { $0.name == topic }) { return }
        topics.append(Topic(name: topic, text: Array(topic.utf8CString)))
    }

    /// Takes note of a message that was written.
    mutating func delivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        if topics.isEmpty { return }
        guard let topic = unsafe message.pointee.rkt, let name = unsafe rd_kafka_topic_name(topic) else { return }
        for index in topics.indices where unsafe strcmp(name, topics[index].text) == 0 {
            unsafe record(index, Int(message.pointee.partition), message.pointee.offset)
            unsafe clock.delivered(message)
        }
    }

    private mutating func record(_ topic: Int, _ partition: Int, _ offset: Int64) {
        guard partition >= 0, offset >= 0 else { return }
        let missing = partition + 1 - topics[topic].offsets.count
        if missing > 0 { topics[topic].offsets += repeatElement(-1, count: missing) }
        topics[topic].offsets[partition] = max(topics[topic].offsets[partition], offset)
    }

    func last(_ partition: TopicPartition) -> Int64? {
        guard let topic = topics.first(where: { $0.name == partition.topic }),
            topic.offsets.indices.contains(Int(partition.partition)), topic.offsets[Int(partition.partition)] >= 0
        else { return nil }
        return topic.offsets[Int(partition.partition)]
    }
}
