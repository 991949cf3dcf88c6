import Accounting
import Counting
import KafkaClient
import Records
import Runtime
import TelemetryModel

/// Sends entries to the shards' log.
struct ChangelogSink: Sendable {
    let writer: StateTopicWriter
    let topic: String
    let shards: ShardMap
    let sent = SentRanges()
    /// In which form entries are written.
    let form: RecordForm

    var producer: KafkaProducer { writer.producer }

    /// - Returns: the producer's sequence of the last record sent.
    @discardableResult
    func send(_ claim: Claim) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        let entry = ShardEntry<ChangelogAmounts>.claim(claim)
        for shard in 0..<shards.count { last = try send(entry, of: claim.source, to: shard) }
        return last
    }

    /// Asks the broker for its time, which comes with the acknowledgement: an entry that no reader's counts depend on, the claim of
    /// a source that there is not, because our own topics are no inputs.
    @discardableResult
    func sendClockQuestion() throws(KafkaError) -> UInt64 {
        let source = SourcePartition(topic: topic, partition: 0)
        return try send(.claim(Claim(source: source, epoch: OwnerEpoch(rawValue: 0))), of: source, to: 0)
    }

    @discardableResult
    func send(_ opening: PartitionOwner.Opening, of owner: PartitionOwner) throws(KafkaError) -> UInt64 {
        let update = ChangelogUpdate(
            source: owner.source, epoch: owner.epoch, from: opening.from, to: opening.to, progress: opening.progress,
            gap: opening.gap, amounts: ChangelogAmounts())
        return try send(.update(update), of: owner.source, to: opening.shard)
    }

    /// Tells every shard of the range, in parts where it is too large for one record.
    @discardableResult
    func send(_ flush: PartitionFlush) throws(KafkaError) -> UInt64 {
        sent.note(flush.source, to: flush.range.to)
        var last: UInt64 = 0
        for shard in flush.amounts.indices {
            for entry in flush.entries(shard: shard, in: form) {
                last = try send(entry, of: flush.source, to: shard, arrivedAt: flush.passage?.arrivedAt)
            }
        }
        return last
    }

    private func send(
        _ entry: ShardEntry<ChangelogAmounts>, of source: SourcePartition, to shard: Int
    ) throws(KafkaError) -> UInt64 {
        try send(entry.json(in: form), of: source, to: shard)
    }

    private func send(
        _ json: [UInt8], of source: SourcePartition, to shard: Int, arrivedAt: Timestamp? = nil
    ) throws(KafkaError) -> UInt64 {
        try writer.send(
            topic: topic, partition: Int32(shard), key: ChangelogSink.key(of: source), value: json,
            headers: CloudEventHeaders.make(type: CloudEventHeaders.register, time: nil)
                + FeedHeaders.make(arrivedAt: arrivedAt))
    }

    static func key(of source: SourcePartition) -> [UInt8] { Array("\(source.topic)/\(source.partition)".utf8) }

    /// The source that an entry's key names; `nil` where none has written it.
    static func source(ofKey key: RawSpan) -> SourcePartition? {
        guard let text = String(validating: Array(copying: key), as: UTF8.self), let slash = text.lastIndex(of: "/"),
            let partition = Int32(text[text.index(after: slash)...]), slash > text.startIndex
        else { return nil }
        return SourcePartition(topic: String(text[..<slash]), partition: partition)
    }
}
