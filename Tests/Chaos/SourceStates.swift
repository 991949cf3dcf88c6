import Foundation

/// What the updates that count say of their sources' states.
///
/// The only value that there is, `records`, is told by the next release: how many records there are from a point to another. In a
/// topic without transactions and compaction these are as many as offsets. Owners that don't know it tell it again as it was.
struct SourceStates {
    private(set) var problems: [String] = []
    /// Values that were told by who knows them.
    private var told = 0
    /// Of these, by another owner than the first, who goes on with its count.
    private var goneOnWith = 0
    /// Values told again by owners who don't know them.
    private var kept = 0

    private struct Value {
        let through: Int64
        let since: Int64
        /// Of the owner that began to count.
        let epoch: Int64
    }

    /// By shard and source.
    private var known: [String: Value] = [:]

    var hasAllKinds: Bool { told > 0 && goneOnWith > 0 && kept > 0 }
    var summary: String {
        "\(told) counts of records in sources' states, \(goneOnWith) of them begun by an owner before; "
            + "\(kept) told again by owners of a release that has none"
    }

    /// Takes an update that counts, in the order of its shard's log.
    mutating func take(_ update: [String: Any], of source: String, epoch: Int64) throws {
        // Without it the state is what it was.
        guard let values = update["state"] as? [[String: Any]] else { return }
        let before = known[source]
        guard let value = values.first(where: { $0["name"] as? String == "records" }) else {
            if before != nil { problems.append("\(source): an owner of epoch \(epoch) has lost the source's state") }
            known[source] = nil
            return
        }
        guard let through = SourceStates.offset(value["through"]), let to = SourceStates.offset(update["to"]),
            let text = value["value"] as? String, let middle = text.range(of: "@0:"),
            let count = Int64(text[..<middle.lowerBound]), let since = Int64(text[middle.upperBound...])
        else { return problems.append("\(source): \(value) is no count of records") }
        if count != through - since { problems.append("\(source): \(text) through \(through) is not exact") }
        if through > to || through < before?.through ?? 0 {
            problems.append("\(source): \(text) is told through \(through) in an update to \(to)")
        }
        let goesOn = since == before?.since
        if through < to {
            kept += 1
        } else {
            told += 1
            if goesOn, before?.epoch != epoch { goneOnWith += 1 }
        }
        known[source] = Value(through: through, since: since, epoch: goesOn ? before?.epoch ?? epoch : epoch)
    }

    private static func offset(_ point: Any?) -> Int64? {
        ((point as? [String: Any])?["offset"] as? NSNumber)?.int64Value
    }
}
