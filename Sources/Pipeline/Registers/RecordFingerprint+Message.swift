import Accounting
import KafkaClient

extension Message {
    /// `nil` when the record has no time.
    var fingerprint: RecordFingerprint? {
        timestamp.map { RecordFingerprint(timestampMilliseconds: $0.milliseconds, byteCount: value.byteCount) }
    }
}

extension KafkaRangeReader {
    /// Whether the record before an offset is another one than was counted there: the topic was made anew.
    func isForeign(
        _ partition: TopicPartition, _ offsets: Range<Int64>, before offset: Int64, _ tail: RecordFingerprint,
        timeout: Duration
    ) throws(KafkaError) -> Bool {
        guard offset > offsets.lowerBound, offset <= offsets.upperBound else { return false }
        var isForeign = false
        try start([PartitionRange(partition, from: .offset(offset - 1), upTo: offset)], timeout: timeout)
        while !isDone {
            _ = try poll(timeout: .milliseconds(100)) { _, message in
                isForeign = message.fingerprint.map { $0 != tail } ?? false
            }
        }
        return isForeign
    }
}
