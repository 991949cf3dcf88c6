import KafkaClient

/// Which topics of our own are gone that were there, be it that another one has their name now.
///
/// librdkafka takes a topic that is deleted for one that may come back: a consumer gives its partitions away without a word, and a
/// producer waits or goes on, by the broker; where topics are made for who asks for them, it makes a new one itself. So they are
/// looked for, and the ends of their logs, which never go back in one topic.
struct TopicPresence {
    /// How long a topic has to be away: a broker that has just started may not know all of them yet, and a leader that has just
    /// been chosen not how far its log is. As librdkafka's `topic.metadata.propagation.max.ms`.
    static let patience = Duration.seconds(30)

    /// The furthest ends of the logs, by topic and partition.
    private var known: [String: [Int32: Int64]] = [:]
    private var missingSince: [String: Duration] = [:]
    /// How many partitions topics had when they were looked at last.
    private var counts: [String: Int] = [:]

    /// Notes which of the topics exist at a time of a monotonic clock, and where their logs end, as far as leaders answer.
    mutating func note(_ existing: Set<String>, _ ends: [TopicPartition: Int64], at now: Duration) {
        var missing = Set(known.keys).subtracting(existing)
        for topic in existing where known[topic] == nil { known[topic] = [:] }
        for (partition, end) in ends {
            let furthest = known[partition.topic]?[partition.partition] ?? 0
            if end < furthest { missing.insert(partition.topic) }
            known[partition.topic]?[partition.partition] = max(furthest, end)
        }
        missingSince = missingSince.filter { missing.contains($0.key) }
        for topic in missing where missingSince[topic] == nil { missingSince[topic] = now }
    }

    /// Notes how many partitions topics have that must not change.
    ///
    /// - Returns: those that had others, in order of name.
    mutating func noteCounts(_ new: [String: Int]) -> [(topic: String, had: Int, has: Int)] {
        defer { counts.merge(new) { $1 } }
        return new.sorted { $0.key < $1.key }.compactMap { topic, has in
            counts[topic].flatMap { $0 == has ? nil : (topic, $0, has) }
        }
    }

    /// Those that were not there when they were looked for last.
    var missing: Set<String> { Set(missingSince.keys) }

    /// Those that have been missing for too long.
    func lost(at now: Duration) -> Set<String> {
        Set(missingSince.filter { now - $0.value >= TopicPresence.patience }.keys)
    }
}
