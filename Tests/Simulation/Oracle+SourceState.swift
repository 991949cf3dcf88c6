import Accounting
import Counting

/// What the shards say of sources' states, against the sources' records.
extension Oracle {
    /// What is wrong with what an entry has made of a source's state in a shard: of members only some know the value that is in it, and
    /// none may lose it.
    static func complaint(of source: Source, _ before: SourceChainState, _ after: SourceChainState) -> String? {
        if after == before { return nil }
        for (name, value) in before.sourceState?.values ?? [:] {
            let now = after.sourceState?.values[name]
            if now.map({ $0.through < value.through }) ?? true {
                return "\(source.partition): \(name), known through \(value.through), is lost"
            }
        }
        for (name, value) in after.sourceState?.values ?? [:] where value != before.sourceState?.values[name] {
            if after.through.map({ value.through > $0 }) ?? true {
                return "\(source.partition): \(name) is told too early"
            }
            if let complaint = source.complaint(of: name, value) { return complaint }
        }
        return nil
    }

    /// What is wrong with what a new owner knows of the source's state: just that which is told in the whole of the shards' logs before its claim.
    func complaint(of owner: PartitionOwner) -> String? {
        let chains = shards.indices.map { state(of: owner.source, in: $0) }
        // Another owner has followed in some shard, and may have counted there.
        guard chains.allSatisfy({ $0.epoch == owner.epoch }) else { return nil }
        let told = chains.compactMap(\.sourceState).filter { !$0.values.isEmpty }
        return told == owner.sourceStates
            ? nil : "\(owner.source): its owner knows \(owner.sourceStates), and told was \(told)"
    }
}

extension Source {
    fileprivate func complaint(of name: String, _ value: SourceState.Value) -> String? {
        guard name == CountedRecords.name, let counted = CountedRecords(value.text) else {
            return "\(partition): nobody tells \(name) as \(value)"
        }
        let (from, to) = (counted.since, value.through)
        guard from.incarnation == to.incarnation, from.offset <= to.offset, Int(to.incarnation) <= life,
            Int(to.offset) <= lives[Int(to.incarnation)].high
        else { return "\(partition): no such records as \(value)" }
        let records = lives[Int(to.incarnation)].records[Int(from.offset)..<Int(to.offset)]
        let truth = records.count { $0 != nil }
        return truth == counted.count ? nil : "\(partition): \(value) counts other records than the \(truth) there are"
    }
}
