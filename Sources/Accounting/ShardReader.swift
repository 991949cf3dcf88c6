import Text

/// Reads one shard's log: keeps the chain of every source, and says what counts.
public struct ShardReader<Amounts: Sendable>: Sendable {
    private var chains: [SourcePartition: SourceChain<Amounts>] = [:]
    /// Entries that did not count, by reason.
    public private(set) var skipped: [SourceChain<Amounts>.SkipReason: Int] = [:]

    public init(_ states: [SourcePartition: SourceChainState] = [:]) {
        chains = states.mapValues { SourceChain($0) }
    }

    public var states: [SourcePartition: SourceChainState] { chains.mapValues(\.state) }
    public var isInsideUpdate: Bool { chains.values.contains { $0.isInsideUpdate } }

    public func state(of source: SourcePartition) -> SourceChainState {
        chains[source]?.state ?? SourceChainState()
    }

    /// In whose hands the source is once a claim of `epoch` was read; `nil` when in the claimant's.
    public func contender(of epoch: OwnerEpoch, for source: SourcePartition) -> OwnerEpoch? {
        chains[source]?.contender(of: epoch)
    }

    /// What the entry is to its source's chain; `nil` for a claim.
    public mutating func read(_ entry: ShardEntry<Amounts>) -> SourceChain<Amounts>.Outcome? {
        switch entry {
        case .claim(let claim):
            chains[claim.source, default: SourceChain()].take(claim)
            return nil
        case .update(let update):
            let outcome = chains[update.source, default: SourceChain()].take(update)
            if case .skipped(let reason) = outcome { skipped[reason, default: 0] += 1 }
            return outcome
        }
    }

    /// Goes on without an entry of this source that can't be read.
    public mutating func passOver(entryOf source: SourcePartition) {
        chains[source, default: SourceChain()].passOver()
    }
}

/// The shard to which an objective or a rollup's series belongs: the same for all who count and evaluate.
public enum ShardHash {
    public static func hash(_ text: String) -> UInt64 { FNV1a(text).hash }

    public static func shard(of hash: UInt64, among count: Int) -> Int { Int(hash % UInt64(count)) }
    public static func shard(of text: String, among count: Int) -> Int { shard(of: hash(text), among: count) }
}
