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

    private struct Log {
        /// The furthest end that was seen.
        var end: Int64 = 0
        /// Whether it was gone, or shorter, when something was last known of it. A leader that does not answer changes nothing.
        var isCut = false
    }

    /// By topic and partition.
    private var known: [String: [Int32: Log]] = [:]
    private var missingSince: [String: Duration] = [:]
    /// How many partitions topics had when they were looked at last.
    private var counts: [String: Int] = [:]

    /// Notes how many partitions the topics have that exist at a time of a monotonic clock, and where their logs end, as far as
    /// leaders answer.
    mutating func note(_ counts: [String: Int], _ ends: [TopicPartition: Int64], at now: Duration) {
        for topic in counts.keys where known[topic] == nil { known[topic] = [:] }
        var missing: Set<String> = []
        for topic in known.keys {
            let count = counts[topic]
            for partition in known[topic, default: [:]].keys where Int(partition) >= count ?? 0 {
                known[topic]?[partition]?.isCut = true
            }
            if count == nil { missing.insert(topic) }
        }
        for (partition, end) in ends {
            var log = known[partition.topic]?[partition.partition] ?? Log()
            log.isCut = end < log.end
            log.end = max(log.end, end)
            known[partition.topic]?[partition.partition] = log
        }
        for (topic, logs) in known where logs.values.contains(where: \.isCut) { missing.insert(topic) }
        missingSince = missingSince.filter { missing.contains($0.key) }
        for topic in missing where missingSince[topic] == nil { missingSince[topic] = now }
    }

    /// Notes how many partitions topics have that must not change.
    ///
    /// - Returns: those that had fewer, in order of name.
    mutating func noteCounts(_ new: [String: Int]) -> [(topic: String, had: Int, has: Int)] {
        // One whose leaders are being chosen may have none yet.
        let new = new.filter { $0.value > 0 }
        defer { counts.merge(new) { $1 } }
        return new.sorted { $0.key < $1.key }.compactMap { topic, has in
            counts[topic].flatMap { $0 >= has ? nil : (topic, $0, has) }
        }
    }

    /// Those that were not there, or not as before, when they were looked for last.
    var missing: Set<String> { Set(missingSince.keys) }

    /// Those that have been missing for too long.
    func lost(at now: Duration) -> Set<String> {
        Set(missingSince.filter { now - $0.value >= TopicPresence.patience }.keys)
    }
}
