import Accounting
import KafkaClient

extension Message {
    /// `nil` when the record has no time.
    var fingerprint: RecordFingerprint? { timestamp.map { fingerprint(milliseconds: $0.milliseconds) } }

    /// - Parameter milliseconds: the record's time, for who has it at hand.
    func fingerprint(milliseconds: Int64) -> RecordFingerprint {
        RecordFingerprint(timestampMilliseconds: milliseconds, byteCount: value.byteCount)
    }
}

extension KafkaRangeReader {
    /// What the broker has of a partition that is counted up to `position`, and whether the record before that is another one
    /// than was counted there.
    ///
    /// An end before the position means that the topic was made anew, and all of it counts. That is believed only when the
    /// record before the position does not come: a broker that gives too early an end when asked hands it out.
    ///
    /// - Parameters:
    ///   - offsets: from the first that the broker says it has to the one after its last.
    ///   - tail: of the record that was counted last; nil where none is known.
    func available(
        _ partition: TopicPartition, _ offsets: Range<Int64>, countedTo position: Int64, _ tail: RecordFingerprint?,
        timeout: Duration
    ) throws(KafkaError) -> PartitionOwner.Available {
        var available = PartitionOwner.Available(low: offsets.lowerBound, high: offsets.upperBound)
        guard position > offsets.lowerBound, tail != nil || position > offsets.upperBound else { return available }
        try start([PartitionRange(partition, from: .offset(position - 1), upTo: position)], timeout: timeout)
        while !isDone {
            let events = try poll(timeout: .milliseconds(100)) { _, message in
                available.high = max(available.high, position)
                if let tail, let found = message.fingerprint { available.isForeign = found != tail }
            }
            for case .waiting in events { return available }
        }
        return available
    }
}
