import Accounting
import Records
import TelemetryModel

extension PartitionFlush {
    /// The update for one shard, in parts where it is too large for one record.
    ///
    /// - Parameter bytesMax: of a record, as long as there is something to share out.
    package func entries(
        shard: Int, in form: RecordForm = .first, bytesMax: Int = OutputTopics.valueBytesMax
    ) -> [[UInt8]] {
        let whole = amounts[shard]
        var entries = [ShardEntry.update(update(whole)).json(in: form)]
        if entries[0].count <= bytesMax { return entries }
        // First what is too large by itself.
        let amounts = whole.withCells(bytesMax: bytesMax / 4)
        var itemsMax = max(1, amounts.itemCount)
        while let largest = entries.map(\.count).max(), largest > bytesMax, itemsMax > 1 {
            // Items differ in size, so one more division may be needed.
            itemsMax = max(1, min(itemsMax / 2, itemsMax * bytesMax / largest))
            let parts = amounts.split(itemsMax: itemsMax)
            entries = parts.enumerated().map { index, part in
                ShardEntry.update(update(part).asPart(index, of: parts.count)).json(in: form)
            }
        }
        return entries
    }

    private func update(_ amounts: ChangelogAmounts) -> ChangelogUpdate<ChangelogAmounts> {
        ChangelogUpdate(
            source: source, epoch: epoch, from: range.from, to: range.to, progress: progress, gap: gap,
            amounts: amounts
        ).telling(state)
    }
}
