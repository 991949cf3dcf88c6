import Accounting
import KafkaClient
import TelemetryModel

/// Sends entries to the shards' log.
struct RegisterOutlet: Sendable {
    let producer: KafkaProducer
    let topic: String
    let shards: ShardMap

    /// Below the megabyte that brokers take by default, with room for the key and headers.
    private static let entryBytesMax = 900_000

    /// - Returns: the producer's sequence of the last record sent.
    @discardableResult
    func send(_ claim: Claim) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        let entry = ShardEntry<RegisterAmounts>.claim(claim)
        for shard in 0..<shards.count { last = try send(entry, of: claim.source, to: shard) }
        return last
    }

    @discardableResult
    func send(_ opening: PartitionOwner.Opening, of owner: PartitionOwner) throws(KafkaError) -> UInt64 {
        let update = RegisterUpdate(
            source: owner.source, epoch: owner.epoch, from: opening.from, to: opening.to, progress: opening.progress,
            gap: opening.gap, amounts: RegisterAmounts())
        return try send(.update(update), of: owner.source, to: opening.shard)
    }

    /// Tells every shard of the range, in parts where it is too large for one record.
    @discardableResult
    func send(_ flush: PartitionFlush) throws(KafkaError) -> UInt64 {
        var last: UInt64 = 0
        for (shard, amounts) in flush.amounts.enumerated() {
            let source = SourcePartition(flush.partition)
            let whole = ShardEntry.update(flush.update(amounts)).json
            if whole.count <= RegisterOutlet.entryBytesMax {
                last = try send(whole, of: source, to: shard)
                continue
            }
            let parts = amounts.split(into: 1 + whole.count / (RegisterOutlet.entryBytesMax / 2))
            for (index, part) in parts.enumerated() {
                last = try send(.update(flush.update(part, part: index, parts: parts.count)), of: source, to: shard)
            }
        }
        return last
    }

    private func send(
        _ entry: ShardEntry<RegisterAmounts>, of source: SourcePartition, to shard: Int
    ) throws(KafkaError) -> UInt64 {
        try send(entry.json, of: source, to: shard)
    }

    private func send(_ json: [UInt8], of source: SourcePartition, to shard: Int) throws(KafkaError) -> UInt64 {
        try producer.send(
            topic: topic, partition: Int32(shard), key: RegisterOutlet.key(of: source), value: json,
            headers: CloudEventHeaders.make(type: CloudEventHeaders.register, time: nil))
    }

    static func key(of source: SourcePartition) -> [UInt8] { Array("\(source.topic)/\(source.partition)".utf8) }
}

extension RegisterAmounts {
    /// The same amounts in several pieces of about the same size.
    func split(into count: Int) -> [RegisterAmounts] {
        var pieces = Array(repeating: RegisterAmounts(), count: max(1, count))
        for (index, objective) in objectives.enumerated() { pieces[index % pieces.count].objectives.append(objective) }
        for rollup in rollups {
            let size = (rollup.cells.count + pieces.count - 1) / pieces.count
            for (index, start) in stride(from: 0, to: rollup.cells.count, by: max(1, size)).enumerated() {
                let cells = Array(rollup.cells[start..<min(start + size, rollup.cells.count)])
                pieces[index].rollups.append(RollupAmounts(rollup: rollup.rollup, cells: cells))
            }
        }
        // Traces belong to the objectives that they stand beside.
        for index in pieces.indices where !pieces[index].objectives.isEmpty { pieces[index].traces = traces }
        return pieces
    }
}
